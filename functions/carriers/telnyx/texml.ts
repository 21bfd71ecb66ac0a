import { type Xml, xml, xmlDocument } from '../../domain/xml.ts';
import type { CallPlan, CallStep, RawReply } from '../inbound-port.ts';

/** Bounds of `Dial timeout` (TeXML reference; TwiML has no such floor). */
const SHORTEST_RING = 5;
const LONGEST_RING = 120;
const LONGEST_PAUSE = 180;

/** The plan as a TeXML document. Exactly 200: any other 2xx counts as failed here (their code 75299). */
export function renderTexml(plan: CallPlan): RawReply {
  const verbs = plan.steps.map(verb);
  return {
    status: 200,
    headers: { 'content-type': 'application/xml; charset=utf-8' },
    body: xmlDocument(xml`<Response>${verbs}</Response>`),
  };
}

function verb(step: CallStep): Xml {
  switch (step.do) {
    case 'say':
      return xml`<Say voice="alice"${language(step.language)}>${step.text}</Say>`;
    case 'dial':
      return dial(step);
    case 'queue':
      return xml`<Enqueue${longestWait(step.waitSeconds)}${action(step.next)}>${step.name}</Enqueue>`;
    case 'record':
      // Both defaults differ from TwiML: two channels, and no end key.
      return xml`<Record maxLength="${step.maxSeconds}" playBeep="true" channels="single" finishOnKey="#"${action(step.next)}/>`;
    case 'pause':
      return xml`<Pause length="${Math.min(LONGEST_PAUSE, Math.max(1, Math.round(step.seconds)))}"/>`;
    case 'leave':
      return xml`<Leave/>`;
    case 'hangup':
      return xml`<Hangup/>`;
  }
}

function dial(step: Extract<CallStep, { do: 'dial' }>): Xml {
  const timeout = Math.min(LONGEST_RING, Math.max(SHORTEST_RING, Math.round(step.timeoutSeconds)));
  const shown = step.callerId === undefined ? undefined : xml` callerId="${step.callerId}"`;
  const target = 'sip' in step.to ? xml`<Sip>${step.to.sip}</Sip>` : xml`<Number>${step.to.number}</Number>`;
  return xml`<Dial timeout="${timeout}"${shown}${action(step.next)}>${target}</Dial>`;
}

/** Method spelled out: a GET would carry the signed text nowhere. */
function action(next: string | undefined): Xml | undefined {
  return next === undefined ? undefined : xml` action="${next}" method="POST"`;
}

/** TwiML has no such attribute. */
function longestWait(seconds: number | undefined): Xml | undefined {
  return seconds === undefined ? undefined : xml` maxWaitTimeSecs="${Math.max(1, Math.round(seconds))}"`;
}

function language(code: string | undefined): Xml | undefined {
  return code === undefined ? undefined : xml` language="${code}"`;
}
