import { documentText } from '../../cli/document.ts';
import type { Bought } from './request.ts';
import { NotHeld, type Say } from './stage.ts';
import type { World } from './world.ts';

/** A number of Ofcom's range for drama: it rings nobody. */
const CALLER = '+447700900123';
/** How each carrier's markup begins, and what it is called. */
const DIALECTS: Readonly<Record<string, readonly [name: string, sign: RegExp]>> = {
  twilio: ['TwiML', /<Response>/],
  telnyx: ['TeXML', /<Response>/],
  vonage: ['NCCO', /^\[\{/],
};
const RECORD_MS = 3_000;

/** Each number is called by its own carrier, with a genuine signature; the answer is that carrier's own markup. */
export async function callAll(world: World, say: Say, numbers: readonly Bought[]): Promise<void> {
  for (const bought of numbers) {
    const { carrier, number, rings } = bought;
    const answer = await world.carriers.call(carrier, { from: CALLER, to: number });
    const [dialect = '', sign = /./] = DIALECTS[carrier] ?? [];
    say.holds(`${carrier} calls ${number}`, answer.status, 200, `200, ${dialect}: ${rings}`);
    if (!sign.test(answer.body)) throw new NotHeld(`${dialect} for ${number}`, String(sign), answer.body);
    say.block(world.terminal.paint('dim', documentText(answer, world.terminal.width - 8)));
    requireTarget(bought, answer.body);
  }
  for (const carrier of new Set(numbers.map((one) => one.carrier)))
    say.holds(`a call ${carrier} has not signed`, await forged(world, carrier), 'turned away');
  for (const { id, number } of numbers)
    await recorded(
      () => world.calls(id),
      (calls) => calls.length === 1 && calls[0]?.state === 'completed',
      `the call to ${number} is on record`,
    );
  say.holds(
    'calls on record',
    (await Promise.all(numbers.map(({ id }) => world.calls(id)))).flat().length,
    numbers.length,
  );
}

/** What a request with a made-up signature comes to at a carrier's door. */
async function forged(world: World, carrier: string): Promise<string> {
  const headers = {
    authorization: 'Bearer made.up.token',
    'x-twilio-signature': 'bWFkZSB1cA==',
    'telnyx-signature-ed25519': 'bWFkZSB1cA==',
    'telnyx-timestamp': String(Math.floor(Date.now() / 1000)),
  };
  const body = new URLSearchParams({ From: CALLER, To: CALLER, CallSid: 'CA0' });
  const { status } = await fetch(`${world.url}/inbound/${carrier}/voice`, { method: 'POST', headers, body });
  return status === 401 || status === 403 ? 'turned away' : `answered ${status}`;
}

/** The document leads where the number was assigned to. */
function requireTarget({ number, rings }: Bought, body: string): void {
  const wanted = rings.includes('extension')
    ? /sip:1001@/
    : rings.includes('voicemail')
      ? /leave a message/i
      : new RegExp(`\\+?${rings.replace(/\D/g, '')}`);
  if (!wanted.test(body)) throw new NotHeld(`${number} rings ${rings}`, String(wanted), body);
}

/** A text to one of the numbers is stored before the carrier gets its answer. */
export async function textOnce(world: World, say: Say, bought: Bought): Promise<void> {
  const text = 'Are you open on Saturday?';
  const answer = await world.carriers.message(bought.carrier, { from: CALLER, to: bought.number, text });
  say.holds(`${bought.carrier} delivers an SMS to ${bought.number}`, answer.status, 200);
  const [message, ...others] = await world.messages(bought.id);
  say.holds(
    'stored once, as it was sent',
    [message, ...others].map((one) => one?.text ?? ''),
    [text],
    `“${text}”`,
  );
}

/** Status events follow the answer, so a record may be a moment away. */
async function recorded<T>(read: () => Promise<T>, is: (value: T) => boolean, claim: string): Promise<void> {
  const end = performance.now() + RECORD_MS;
  for (;;) {
    const value = await read();
    if (is(value)) return;
    if (performance.now() > end) throw new NotHeld(claim, 'one completed call', JSON.stringify(value));
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
