import { afterEach, beforeEach, expect } from 'vitest';
import type { Carrier, Order } from '../../functions/carriers/port.ts';
import { telnyx } from '../../functions/carriers/telnyx/adapter.ts';
import { manifest } from '../../functions/carriers/telnyx/manifest.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import type { Http, HttpAnswer, HttpRequest } from '../../functions/platform/http.ts';
import { simulatedPublicKey } from '../../local/carriers/telnyx/keys.ts';
import { telnyxSimulator } from '../../local/carriers/telnyx/simulator.ts';
import { call, orderFor, type StartedCarrier, startCarrier, testClock } from '../contracts/carrier-start.ts';
import { type Exchanged, hasSpecs, telnyxSpec } from './telnyx-spec.ts';

const apiKey = 'KEY0123456789ABCDEF';
export const credentials = {
  TELNYX_API_KEY: apiKey,
  TELNYX_PUBLIC_KEY: simulatedPublicKey(apiKey),
  TELNYX_CONNECTION_ID: '2740572643402548',
  TELNYX_MESSAGING_PROFILE_ID: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
};
export const GB = CountryCode.parse('GB');
export const DE = CountryCode.parse('DE');

/**
 * The adapter against its simulator, anew for each test. Everything that goes over the line is kept and, where the
 * carrier's documents are at hand, held against them when the test is over (unless it spoilt answers on purpose).
 */
export function telnyxLab() {
  const spec = hasSpecs ? telnyxSpec() : undefined;
  let parts: { started: StartedCarrier; exchanged: Exchanged[]; isSpoiled: boolean };
  beforeEach(async () => {
    const exchanged: Exchanged[] = [];
    const started = await startCarrier({
      manifest,
      simulator: telnyxSimulator(),
      credentials,
      adapter: ({ baseUrl, http, observe, timing }) => {
        const kept: Http = async (request, limits) => {
          const answer = await http(request, limits);
          exchanged.push(seen(request, answer));
          return answer;
        };
        return telnyx({ credentials, baseUrl }, { http: kept, observe, timing, clock: testClock() });
      },
    });
    parts = { started, exchanged, isSpoiled: false };
  });
  afterEach(async () => {
    const { started, exchanged, isSpoiled } = parts;
    await started.close();
    // 429 is documented in prose only.
    const judged = isSpoiled ? [] : exchanged.filter(({ status }) => status !== 429);
    const found = judged.flatMap((each) =>
      (spec?.exchange(each) ?? []).map((text) => `${each.method} ${each.path}: ${text}`),
    );
    expect([...new Set(found)]).toEqual([]);
  });
  const fresh = (country = GB, reference = 'req_01k.0.1', skip = 0): Order => {
    const wish = { country, type: 'local', state: 'available', limit: 1, offset: skip } as const;
    const [number] = parts.started.world.numbers.search(wish);
    if (!number) throw new Error('no stock');
    return orderFor({ number: E164.parse(number.number), country, type: 'local' }, reference);
  };
  const passed = async (seconds: number): Promise<void> => {
    parts.started.clock.advance(seconds);
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
  return {
    carrier: (): Carrier => parts.started.carrier,
    started: (): StartedCarrier => parts.started,
    exchanged: (): readonly Exchanged[] => parts.exchanged,
    sent: (method: string, path = '/') =>
      parts.exchanged.filter((each) => each.method === method && each.path.startsWith(path)),
    writes: () => parts.exchanged.filter((each) => each.method !== 'GET'),
    /** Changes every answer from now on whose method and path match. */
    spoil(path: RegExp, change: (body: Record<string, object>) => unknown): void {
      parts.isSpoiled = true;
      parts.started.spoil((answer, request) => {
        if (!path.test(`${request.method} ${new URL(request.url).pathname}`)) return answer;
        const body = change(JSON.parse(new TextDecoder().decode(answer.body)));
        return { ...answer, body: new TextEncoder().encode(JSON.stringify(body)) };
      });
    },
    fresh,
    passed,
    async bought(order = fresh()) {
      const { carrier } = parts.started;
      await carrier.quote(order, call());
      await carrier.purchase(order, call());
      await passed(1);
      const probe = await carrier.probe(order, call());
      if (probe.kind !== 'ours') throw new Error(`not ours: ${JSON.stringify(probe)}`);
      return { ...probe.value, country: order.country };
    },
  };
}

function seen({ method, url, body }: HttpRequest, answer: HttpAnswer): Exchanged {
  const { pathname, search } = new URL(url);
  const text = new TextDecoder().decode(answer.body);
  return {
    method,
    path: pathname.replace('/telnyx', '') + search,
    request: typeof body === 'string' ? JSON.parse(body) : undefined,
    status: answer.status,
    answer: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
  };
}
