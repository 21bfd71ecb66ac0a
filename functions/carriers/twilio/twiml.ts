import { escapeXml, type Xml, xml, xmlDocument } from '../../domain/xml.ts';
import type { CallPlan, CallStep, RawReply } from '../inbound-port.ts';

/** Twilio's limit for one `<Say>`. */
const MAX_SAY = 4096;
/** Bounds of `<Dial timeout>`. */
const SHORTEST_RING = 5;
const LONGEST_RING = 600;

/** A call plan as TwiML: always well-formed, whatever its texts hold (V8). */
export function renderTwiml(plan: CallPlan): RawReply {
  const verbs = plan.steps.flatMap(verb);
  return {
    status: 200,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: xmlDocument(verbs.length === 0 ? xml`<Response/>` : xml`<Response>${verbs}</Response>`),
  };
}

function verb(step: CallStep): readonly Xml[] {
  switch (step.do) {
    case 'say':
      return pieces(step.text).map((text) => xml`<Say${language(step.language)}>${text}</Say>`);
    case 'dial':
      return [dial(step)];
    case 'queue':
      return [xml`<Enqueue${waitUrl(step.hold)}${action(step.next)}>${step.name}</Enqueue>`];
    case 'record':
      return [xml`<Record maxLength="${step.maxSeconds}" playBeep="true" finishOnKey="#"${action(step.next)}/>`];
    case 'pause':
      return [xml`<Pause length="${Math.max(1, Math.round(step.seconds))}"/>`];
    case 'leave':
      return [xml`<Leave/>`];
    case 'hangup':
      return [xml`<Hangup/>`];
  }
}

function dial(step: Extract<CallStep, { do: 'dial' }>): Xml {
  const timeout = Math.min(LONGEST_RING, Math.max(SHORTEST_RING, Math.round(step.timeoutSeconds)));
  const shown = step.callerId === undefined ? undefined : xml` callerId="${step.callerId}"`;
  const target = 'sip' in step.to ? xml`<Sip>${step.to.sip}</Sip>` : xml`<Number>${step.to.number}</Number>`;
  return xml`<Dial answerOnBridge="true" timeout="${timeout}"${shown}${action(step.next)}>${target}</Dial>`;
}

/** The address asked for what comes next. Always by POST: `verify` takes nothing else. */
function action(next: string | undefined): Xml | undefined {
  return next === undefined ? undefined : xml` action="${next}" method="POST"`;
}

/** Without it callers hear Twilio's own music, and wait for ever: `<Enqueue>` knows no longest wait. */
function waitUrl(hold: string | undefined): Xml | undefined {
  return hold === undefined ? undefined : xml` waitUrl="${hold}" waitUrlMethod="POST"`;
}

function language(code: string | undefined): Xml | undefined {
  return code === undefined ? undefined : xml` language="${code}"`;
}

/** A text in pieces one `<Say>` may hold, never through a character; none when nothing can be said. */
function pieces(text: string): readonly string[] {
  if (text.length <= MAX_SAY) return escapeXml(text).trim() === '' ? [] : [text];
  const found: string[] = [];
  let piece = '';
  for (const character of text) {
    if (piece.length + character.length > MAX_SAY) {
      found.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...found, piece];
}
