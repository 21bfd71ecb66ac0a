import type { Dialect, RawRequest } from '../../functions/carriers/inbound-port.ts';
import { inboundDialects } from '../../functions/inbound/dialects.ts';
import { planFor } from '../../functions/routing/plan.ts';
import { CARRIERS, incoming, PUBLIC_URL, SECRETS, type SigningCarrier } from '../../test/inbound/signed.ts';
import { numberAt, SIP } from './load-numbers.ts';
import { entryOf } from './numbers.ts';
import { referenceHandlers } from './reference.ts';
import { type Compared, compare, slice } from './rounds.ts';
import { type Finding, finding } from './shape.ts';

/** A call may cost at most this part of what the vendors' verifier and builder cost, at every carrier (performance §2). */
const GOAL = 0.75;
const NEXT = `${PUBLIC_URL}/inbound/next?s=0123456789`;

/**
 * H2: what a call costs in one process: bytes → verified → parsed → planned → document, against the SDKs' verifiers and
 * builders doing the same. Both find the number in a map. The value is the worst carrier's ratio of CPU time.
 */
export async function measureHotPath(): Promise<Finding> {
  const number = numberAt(0);
  const routes = new Map([[number, { sip: SIP, timeout: 20 }]]);
  const references = referenceHandlers((called) => routes.get(called));
  const found: (readonly [SigningCarrier, Compared])[] = [];
  for (const carrier of CARRIERS) {
    const request = incoming(carrier, { id: 'bench', from: '+447700900123', to: number }, new Date());
    const handle = handlerOf(carrier, number);
    await checkHandlers(carrier, request, [handle, references[carrier]]);
    const pair = {
      ours: () => slice(() => handle(request)),
      reference: () => slice(() => references[carrier](request)),
    };
    await compare(pair, 3); // warm
    found.push([carrier, await compare(pair)]);
  }
  return finding({
    id: 'H2',
    what: 'CPU of a call from bytes to document, in process: ours ÷ the SDKs’ verifier and builder, worst carrier',
    value: Math.max(...found.map(([, { ratio }]) => ratio)),
    unit: 'ratio',
    goal: GOAL,
    detail: Object.fromEntries(found.flatMap(([carrier, compared]) => detailOf(carrier, compared))),
  });
}

type Handle = (request: RawRequest) => Promise<string>;

function handlerOf(carrier: SigningCarrier, number: string): Handle {
  const known = inboundDialects(PUBLIC_URL)[carrier];
  if (!known) throw new Error(`no dialect of ${carrier}`);
  const dialect: Dialect = known.dialect;
  const secrets = Object.fromEntries(Object.entries(known.secrets).map(([name, key]) => [name, SECRETS[key] ?? []]));
  const routes = new Map([[number, entryOf(number, carrier)]]);
  return async (request) => {
    const verdict = dialect.verify('voice', request, secrets, { now: new Date(), publicUrl: PUBLIC_URL });
    const event = verdict.ok ? dialect.parse('voice', request) : undefined;
    if (event?.type !== 'voice') throw new Error('forged');
    return dialect.render(planFor(routes.get(event.called ?? ''), { place: 0 }, () => NEXT)).body;
  };
}

/** Nothing is timed before both answered the genuine call and refused a forged one. */
async function checkHandlers(carrier: string, request: RawRequest, handlers: readonly Handle[]): Promise<void> {
  const forged = { ...request, headers: { ...request.headers, ...forgedHeaders(request.headers) } };
  for (const handle of handlers) {
    if (!(await handle(request)).includes(SIP)) throw new Error(`${carrier}: a genuine call gets no document`);
    const refused = await handle(forged).then(
      () => false,
      () => true,
    );
    if (!refused) throw new Error(`${carrier}: a forged call is believed`);
  }
}

/** The signature of something else, in the right shape. */
export function forgedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['x-twilio-signature', 'telnyx-signature-ed25519', 'authorization'];
  const signatures = names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
  return Object.fromEntries(signatures.map(([name, value]) => [name, flipped(value)]));
}

function flipped(value: string): string {
  const at = value.length - 12;
  return value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1);
}

function detailOf(carrier: string, { ratio, ours, reference }: Compared): readonly (readonly [string, number])[] {
  return [
    [`${carrier} ratio`, round(ratio)],
    [`${carrier} µs`, round(ours.cpu)],
    [`${carrier} reference µs`, round(reference.cpu)],
  ];
}

const round = (value: number): number => Math.round(value * 100) / 100;
