import { documentText } from '../../cli/document.ts';
import { listNumberCalls, listNumberMessages } from '../../functions/numbers/routes.ts';
import type { People } from './people.ts';
import type { Bought } from './request.ts';
import { NotHeld, type Say } from './stage.ts';
import type { Person, World } from './world.ts';

/** A number of Ofcom's range for drama: it rings nobody. */
const CALLER = '+447700900123';
/** How each carrier's markup begins, and what it is called. */
const DIALECTS: Readonly<Record<string, readonly [name: string, sign: RegExp]>> = {
  twilio: ['TwiML', /<Response>/],
  telnyx: ['TeXML', /<Response>/],
  vonage: ['NCCO', /^\[\{/],
};

/** Each number is called by its own carrier, with a genuine signature; the answer is that carrier's own markup. */
export async function callAll(world: World, say: Say, { alex }: People, numbers: readonly Bought[]): Promise<void> {
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
  for (const { id, number } of numbers) {
    const call = await recorded(() => callsOf(alex, id), world.patienceMs);
    say.holds(`the call to ${number} is on record`, call, 'completed');
  }
}

async function callsOf({ client }: Person, id: string): Promise<readonly string[]> {
  return (await client.call(listNumberCalls, { params: { id } })).body.data.map(({ outcome }) => outcome);
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
  const [kind, to = ''] = rings.split(': ');
  const wanted = kind === 'Extension' ? 'sip:1001@' : kind === 'Voicemail' ? 'leave a message' : to.replace('+', '');
  if (!body.includes(wanted)) throw new NotHeld(`${number} rings ${rings}`, wanted, body);
}

/** A text to one of the numbers is stored before the carrier gets its answer. */
export async function textOnce(
  world: World,
  say: Say,
  { alex }: People,
  { carrier, id, number }: Bought,
): Promise<void> {
  const text = 'Are you open on Saturday?';
  const answer = await world.carriers.message(carrier, { from: CALLER, to: number, text });
  say.holds(`${carrier} delivers an SMS to ${number}`, answer.status, 200);
  const { data } = (await alex.client.call(listNumberMessages, { params: { id } })).body;
  const texts = data.map((message) => message.text);
  say.holds('stored once, as it was sent', texts, [text]);
}

/** How the one call ended; status events follow the answer, so its record may be a moment away. */
async function recorded(read: () => Promise<readonly string[]>, patienceMs: number): Promise<string> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const outcomes = await read();
    const ended = outcomes.length === 1 && outcomes[0] === 'completed';
    if (ended || performance.now() > end) return outcomes.join(', ') || 'no call';
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
