import type { CallPlan, CallStep, RawReply } from '../inbound-port.ts';

type Action = Readonly<Record<string, unknown>>;

/** Longest text of one `talk`. */
const TALK_CHARACTERS = 1500;

/**
 * The plan as an NCCO (a JSON array). Nothing left to do ends the call, so `hangup` is the end of the list; Vonage has
 * no action to reject a call. Well-formed whatever the texts hold (V8).
 */
export function renderNcco(plan: CallPlan, holdMusicUrl?: string): RawReply {
  const end = plan.steps.findIndex((step) => step.do === 'hangup');
  const steps = end < 0 ? plan.steps : plan.steps.slice(0, end);
  const actions = steps.flatMap((step) => toActions(step, holdMusicUrl));
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(actions) };
}

function toActions(step: CallStep, holdMusicUrl: string | undefined): readonly Action[] {
  switch (step.do) {
    case 'say':
      return talkPieces(step.text).map((text) => ({
        action: 'talk',
        text,
        ...(step.language !== undefined && { language: plain(step.language) }),
      }));
    case 'dial':
      return [toConnect(step)];
    case 'queue':
      // No queue action: the caller waits in a conversation that an agent's leg starts. It knows no overflow (`next`).
      return [
        {
          action: 'conversation',
          name: `queue-${plain(step.name)}`,
          startOnEnter: false,
          ...(holdMusicUrl !== undefined && { musicOnHoldUrl: [holdMusicUrl] }),
        },
      ];
    case 'record':
      return [toRecord(step.maxSeconds, step.next)];
    case 'pause':
      return [{ action: 'wait', timeout: whole(step.seconds, 1, 7200) }];
    case 'leave': // A conversation is left by hanging up only.
    case 'hangup':
      return [];
    default:
      return step satisfies never;
  }
}

/**
 * One endpoint each. `synchronous` makes a failed or timed-out dial ask `next` for a new NCCO. Without `callerId` there
 * is no `from`: Vonage shows numbers of the account only.
 */
function toConnect({ to, timeoutSeconds, callerId, next }: CallStep & { do: 'dial' }): Action {
  const endpoint = 'sip' in to ? { type: 'sip', uri: sipUri(to.sip) } : { type: 'phone', number: to.number.slice(1) };
  return {
    action: 'connect',
    ...(callerId !== undefined && { from: callerId.slice(1) }),
    timeout: whole(timeoutSeconds, 1, 7200),
    ...(next !== undefined && { eventType: 'synchronous', eventUrl: [next], eventMethod: 'POST' }),
    endpoint: [endpoint],
  };
}

/** With an end (silence, key, time) the recording is synchronous: the next action waits for it. */
function toRecord(maxSeconds: number, next: string): Action {
  return {
    action: 'record',
    format: 'mp3',
    beepStart: true,
    endOnSilence: 3,
    endOnKey: '#',
    timeOut: whole(maxSeconds, 3, 7200),
    eventUrl: [next],
    eventMethod: 'POST',
  };
}

/** Pieces of at most 1500 characters, cut at a blank where there is one; none for an empty text. */
function talkPieces(text: string): readonly string[] {
  const pieces: string[] = [];
  let rest = plain(text).replace(/[<>]/g, ' ').trim(); // a text that opens with <speak> would be read as markup
  while (rest.length > TALK_CHARACTERS) {
    const blank = rest.lastIndexOf(' ', TALK_CHARACTERS);
    const cut = blank > 0 ? blank : TALK_CHARACTERS - (isHighSurrogate(rest, TALK_CHARACTERS - 1) ? 1 : 0);
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut).trim();
  }
  return rest === '' ? pieces : [...pieces, rest];
}

function isHighSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function sipUri(uri: string): string {
  const text = plain(uri).replaceAll(' ', '');
  return /^sips?:/i.test(text) ? text : `sip:${text}`;
}

/** Without control characters and halves of characters. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .replaceAll('\u{FFFD}', '');
}

function whole(value: number, least: number, most: number): number {
  return Math.min(Math.max(Math.round(value) || least, least), most);
}
