import * as z from 'zod';
import { type AnswerText, carrierClient, type Written } from '../../functions/carriers/client.ts';
import type { Call, Outcome, Refusal } from '../../functions/carriers/outcome.ts';
import type { Bought, Carrier, Manifest, NumberWebhooks } from '../../functions/carriers/port.ts';
import { Feature } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { Money } from '../../functions/domain/money.ts';
import type { HttpRequest } from '../../functions/platform/http.ts';
import type { AdapterParts } from '../contracts/carrier-start.ts';

export const toyManifest: Manifest = {
  id: 'wavix',
  name: 'Toy',
  concurrency: 8,
  credentials: [{ name: 'WAVIX_API_KEY', required: true }],
  capabilities: [
    {
      ...{
        countries: '*',
        types: ['local', 'mobile', 'toll_free'],
        filters: ['type', 'areaCode'],
        features: ['voice'],
      },
      ...{ reserve: false, purchase: 'sync', papers: false },
    },
  ],
};

const Row = z.object({
  ...{ number: z.string(), areaCode: z.string(), monthly: Money, features: z.array(Feature) },
  reference: z.string().nullable(),
  webhooks: z.record(z.string(), z.string()),
});
const Rows = z.object({ numbers: z.array(Row) });

function refusal({ status, text }: AnswerText): Refusal | undefined {
  if (text.includes('"gone"')) return { class: 'NumberUnavailable', code: 'not_available', carrierCode: 'gone' };
  if (text.includes('"credit"')) return { class: 'CarrierUnusable', code: 'insufficient_funds', carrierCode: 'credit' };
  if (status === 404) return { class: 'CarrierRefused', code: 'not_owned' };
  return undefined;
}

/** The toy carrier's adapter. */
export function toyAdapter({ credentials, baseUrl, http, observe, timing }: AdapterParts): Carrier {
  const secret = credentials['WAVIX_API_KEY'] ?? '';
  const api = carrierClient({ id: 'wavix', concurrency: 8, refusal, secrets: [secret], timing }, http, observe);
  const request = (method: HttpRequest['method'], path: string, body?: unknown): HttpRequest => ({
    ...{ method, url: `${baseUrl}${path}` },
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const owned = (call: Call, operation: string, query: string) =>
    api.read(call, operation, request('GET', `/owned?${query}`), Rows);
  return {
    id: 'wavix',
    async *search({ country, type, areaCode, limit, ...asked }, call) {
      const prefix = areaCode ? `&prefix=${encodeURIComponent(`+44${areaCode}`)}` : '';
      const query = `country=${country}&type=${type}&limit=${limit}${prefix}`;
      const { numbers } = await api.read(call, 'search', request('GET', `/numbers?${query}`), Rows);
      const good = numbers.filter((row) => E164.safeParse(row.number).success);
      const appliedBy = {
        ...(areaCode ? { areaCode: 'carrier' as const } : {}),
        ...(asked.locality ? { locality: 'gateway' as const } : {}),
        ...(asked.region ? { region: 'gateway' as const } : {}),
        ...(asked.pattern ? { pattern: 'gateway' as const } : {}),
        ...(asked.features.length > 0 ? { features: 'gateway' as const } : {}),
      };
      const offers = good.map(({ number, monthly, features }) => ({
        ...{ number: E164.parse(number), country, type, features, monthly, premium: false, holdable: false },
      }));
      yield { offers, appliedBy, dropped: numbers.length - good.length };
    },
    async quote({ number }, call) {
      return { monthly: (await api.read(call, 'quote', request('GET', `/numbers/${number}`), Row)).monthly };
    },
    async purchase({ number, reference, webhooks }, call) {
      const body = { number, reference, webhooks };
      const answer = await api.write(call, 'purchase', request('POST', '/orders', body), Row);
      return answer.kind === 'answered' ? { kind: 'done', value: bought(answer.value), refs: {} } : answer;
    },
    async probe({ number, reference }, call) {
      const [row] = (await owned(call, 'probe', `number=${encodeURIComponent(number)}`)).numbers;
      if (!row) return { kind: 'nothing' };
      return row.reference === reference ? { kind: 'ours', value: bought(row), refs: {} } : { kind: 'theirs' };
    },
    configure: async ({ number }, webhooks, call) =>
      nothingLeft(await api.write(call, 'configure', request('PUT', `/owned/${number}`, webhooks), Row)),
    async *listOwned(call) {
      for (let page = 0; ; page++) {
        const { numbers } = await owned(call, 'list', `page=${page}`);
        if (numbers.length > 0) yield numbers.map(ownedRow);
        if (numbers.length < 50) return;
      }
    },
    async release({ number }, call) {
      const answer = await api.write(call, 'release', request('DELETE', `/owned/${number}`), Row);
      const gone = answer.kind === 'refused' && answer.refusal.code === 'not_owned';
      return gone ? { kind: 'done', value: undefined, refs: {} } : nothingLeft(answer);
    },
  };
}

function bought(row: z.infer<typeof Row>): Bought {
  return { number: E164.parse(row.number), carrierNumberId: row.number, features: row.features, monthly: row.monthly };
}
function ownedRow(row: z.infer<typeof Row>) {
  const webhooks: Partial<NumberWebhooks> = row.webhooks;
  return {
    ...{ number: E164.parse(row.number), carrierNumberId: row.number, webhooks },
    ...(row.reference === null ? {} : { reference: row.reference }),
  };
}
function nothingLeft(answer: Written<unknown>): Outcome<undefined> {
  return answer.kind === 'answered' ? { kind: 'done', value: undefined, refs: {} } : answer;
}
