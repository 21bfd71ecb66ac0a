import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { vonage } from '../../functions/carriers/vonage/adapter.ts';
import { manifest } from '../../functions/carriers/vonage/manifest.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { vonageSimulator } from '../../local/carriers/vonage/simulator.ts';
import { type AdapterParts, type CarrierSubject, carrierContract, type StartedCarrier } from '../contracts/carrier.ts';
import { call, freeNumbers, orderFor, referenceOf, startCarrier, webhooks } from '../contracts/carrier-start.ts';

const APPLICATION = 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab';
const subject: CarrierSubject = {
  manifest,
  simulator: vonageSimulator(),
  credentials: {
    VONAGE_API_KEY: 'abcd1234',
    VONAGE_API_SECRET: 'sEcret-of-the-api',
    VONAGE_APPLICATION_ID: APPLICATION,
    VONAGE_SIGNATURE_SECRET: 'a-signature-secret-of-32-bytes-ok',
  },
  adapter: ({ credentials, baseUrl, ...deps }: AdapterParts) => vonage({ credentials, baseUrl }, deps),
  keepsReference: false,
};

carrierContract(subject);

describe('vonage, its own quirks', () => {
  let started: StartedCarrier;
  beforeEach(async () => {
    started = await startCarrier(subject);
  });
  afterEach(() => started.close());

  const fresh = () => {
    const [number] = freeNumbers(started, 1);
    if (number === undefined) throw new Error('no stock');
    return orderFor(number, referenceOf(1));
  };
  const bought = async () => {
    const order = fresh();
    await started.carrier.purchase(order, call());
    return { ...order, carrierNumberId: order.number.slice(1) };
  };
  const application = () => started.world.records.get('applications', APPLICATION) as Record<string, never> | undefined;
  const writes = (path: string) =>
    started.observed.filter((seen) => seen.kind === 'write' && seen.request.url.includes(path));
  /** Answers writes to this path with that, instead of passing them on. */
  const refuse = (path: string, status: number, body: object) =>
    started.spoil((answer, request) =>
      request.url.includes(path) ? { ...answer, status, body: new TextEncoder().encode(JSON.stringify(body)) } : answer,
    );

  it('P1: sees the 420 inside HTTP 200', async () => {
    await started.fault('gone_at_purchase');
    const outcome = await started.carrier.purchase(fresh(), call());

    expect(writes('/number/buy')).toMatchObject([{ answer: { status: 200 } }]);
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'not_available', carrierCode: '420' } });
  });

  it('S0-42: 420 for a country with papers asks for documents and keeps the label', async () => {
    const [number] = started.world.numbers.search({ country: 'DE', type: 'local', limit: 1 });
    const wish = { number: E164.parse(number?.number), country: CountryCode.parse('DE'), type: 'local' as const };

    expect(await started.carrier.purchase(orderFor(wish, referenceOf(1)), call())).toMatchObject({
      kind: 'refused',
      refusal: {
        class: 'DocumentsRequired',
        code: 'documents_required',
        carrierText: expect.stringContaining('Dashboard'),
      },
    });
  });

  it('P2: takes 200 without an error code for no answer at all', async () => {
    refuse('/number/buy', 200, {});

    expect(await started.carrier.purchase(fresh(), call())).toMatchObject({
      kind: 'unknown',
      reason: 'malformed_reply',
    });
  });

  it('P2: a purchase whose number is not listed yet is unknown, not done without features', async () => {
    refuse('/account/numbers', 200, {});

    expect((await started.carrier.purchase(fresh(), call())).kind).toBe('unknown');
  });

  it('V4: writes the application only when something differs, and then all it needs', async () => {
    const owned = await bought();
    await started.carrier.configure(owned, webhooks(), call());
    await started.carrier.configure(owned, webhooks(), call());
    const written = JSON.stringify(application());

    expect(writes('/v2/applications')).toHaveLength(1);
    expect(writes('/number/update')).toHaveLength(2);
    expect(application()).toMatchObject({
      capabilities: {
        voice: {
          signed_callbacks: true,
          webhooks: {
            answer_url: {
              address: webhooks().voiceUrl,
              http_method: 'POST',
              connection_timeout: 1000,
              socket_timeout: 5000,
            },
            fallback_answer_url: { address: webhooks().voiceFallbackUrl, http_method: 'GET', connection_timeout: 1000 },
            event_url: { address: webhooks().statusUrl, http_method: 'POST', connection_timeout: 1000 },
          },
        },
        messages: {
          version: 'v1',
          webhooks: { inbound_url: { address: webhooks().smsUrl }, status_url: { address: webhooks().smsUrl } },
        },
      },
    });
    expect(written).not.toContain('connect_timeout');
  });

  it('keeps what others set on the application', async () => {
    const owned = await bought();
    const rtc = { webhooks: { event_url: { address: 'https://other.example', http_method: 'POST' } } };
    const before = { id: APPLICATION, name: 'Ours', keys: { public_key: 'PEM' }, privacy: { improve_ai: false } };
    started.world.records.put('applications', APPLICATION, {
      ...before,
      capabilities: { rtc, verify: { version: 'v2' } },
    });
    await started.carrier.configure(owned, webhooks(), call());

    expect(application()).toMatchObject({ ...before, capabilities: { rtc, verify: { version: 'v2' }, voice: {} } });
  });

  it('A4: sees signing that was switched off as drift, and repairs it', async () => {
    const owned = await bought();
    await started.carrier.configure(owned, webhooks(), call());
    const lost = JSON.parse(
      JSON.stringify(application()).replace('"signed_callbacks":true', '"signed_callbacks":false'),
    );
    started.world.records.put('applications', APPLICATION, lost);
    const listed = async () => {
      for await (const [row] of started.carrier.listOwned(call())) return row?.webhooks.voiceUrl;
    };

    expect(await listed()).toBeUndefined();
    await started.carrier.configure(owned, webhooks(), call());
    expect(await listed()).toBe(webhooks().voiceUrl);
  });

  it('A4: ends a diversion, which would beat the application', async () => {
    const owned = await bought();
    const number = started.world.numbers.find(owned.number);
    const diverted = { app_id: APPLICATION, voiceCallbackType: 'tel', voiceCallbackValue: '447700900123' };
    if (number) started.world.numbers.save({ ...number, data: { ...diverted, moHttpUrl: 'https://old.example' } });
    const before: unknown[] = [];
    for await (const rows of started.carrier.listOwned(call())) before.push(...rows);
    await started.carrier.configure(owned, webhooks(), call());

    expect(before).toMatchObject([{ webhooks: {} }]);
    expect(started.world.numbers.find(owned.number)?.data).toEqual({
      app_id: APPLICATION,
      voiceCallbackType: 'app',
      voiceCallbackValue: APPLICATION,
    });
  });

  it('is refused, not thrown, when the application is unknown', async () => {
    const owned = await bought();
    started.spoil((answer, request) => (request.url.includes('/v2/') ? { ...answer, status: 404 } : answer));

    expect(await started.carrier.configure(owned, webhooks(), call())).toMatchObject({
      kind: 'refused',
      refusal: { class: 'CarrierRefused', code: 'other', carrierCode: '404' },
    });
  });

  it('P8: wrong credentials make the carrier unusable, in both ways of answering', async () => {
    const credentials = { ...subject.credentials, VONAGE_API_SECRET: 'wrong-secret' };
    const other = await startCarrier({
      ...subject,
      adapter: (parts) => subject.adapter({ ...parts, credentials }),
    });
    const order = fresh();

    await expect(other.carrier.quote(order, call())).rejects.toMatchObject({ name: 'CarrierUnusable', code: 'auth' });
    expect(await other.carrier.purchase(order, call())).toMatchObject({
      refusal: { code: 'auth', carrierCode: '401' },
    });
    await other.close();
  });

  it('does not search for kinds and features it has not, and asks for at most 100 rows', async () => {
    const country = CountryCode.parse('GB');
    const wish = { country, type: 'local' as const, features: [], limit: 500 };
    const pages = async (more: object) => {
      const found = [];
      for await (const page of started.carrier.search({ ...wish, ...more }, call())) found.push(page);
      return found;
    };

    expect(await pages({ type: 'national' })).toEqual([]);
    expect(await pages({ features: ['fax'] })).toEqual([]);
    expect(await pages({ areaCode: '20', pattern: { text: '16', match: 'starts' } })).toMatchObject([{ offers: [] }]);
    expect(await started.requests()).toEqual([]);
    expect((await pages({})).length).toBeGreaterThan(1);
    expect((await started.requests()).every(({ path }) => path.includes('size=100'))).toBe(true);
  });

  it('holds neither reservation nor papers', () => {
    expect(started.carrier.reserve).toBeUndefined();
    expect(started.carrier.papers).toBeUndefined();
  });

  const SPECS = '../shared/specs/vonage-numbers.json';
  it.skipIf(!existsSync(SPECS))('sends nothing the official description does not know', async () => {
    const description = JSON.parse(readFileSync(SPECS, 'utf8'));
    const ajv = new Ajv({ strict: false, validateFormats: false, coerceTypes: true }).addSchema(description, 'numbers');
    const owned = await bought();
    await started.carrier.quote(fresh(), call());
    await started.carrier.configure(owned, webhooks(), call());
    for await (const _ of started.carrier.search({ ...started.market, features: ['voice', 'sms'], limit: 2 }, call()));
    for await (const _ of started.carrier.listOwned(call()));
    await started.carrier.release(owned, call());
    const sent = started.observed.map(({ request }) => request).filter(({ url }) => !url.includes('/v2/'));

    expect(new Set(sent.map(({ url }) => new URL(url).pathname)).size).toBe(5);
    for (const { method, url, body } of sent) {
      const { pathname, searchParams } = new URL(url);
      const path = pathname.replace('/vonage', '');
      const operation = description.paths[path][method.toLowerCase()];
      const pointer = `numbers#/paths/${path.replaceAll('/', '~1')}/${method.toLowerCase()}`;
      if (method === 'POST') {
        const check = ajv.getSchema(`${pointer}/requestBody/content/application~1x-www-form-urlencoded/schema`);
        const form = Object.fromEntries(new URLSearchParams(String(body)));
        expect(check?.(form), `${path} ${JSON.stringify(check?.errors)}`).toBe(true);
        expect(Object.keys(form).filter((name) => !(name in properties(description, operation)))).toEqual([]);
      }
      for (const [name, value] of searchParams) {
        const index = operation.parameters.findIndex(
          (parameter: { name?: string; $ref?: string }) =>
            (parameter.name ?? parameter.$ref?.split('/').at(-1)) === name,
        );
        expect(index, `${path}?${name}`).toBeGreaterThanOrEqual(0);
        const at = operation.parameters[index].$ref
          ? `numbers#/components/parameters/${name}`
          : `${pointer}/parameters/${index}`;
        expect(ajv.getSchema(`${at}/schema`)?.(coerced(value)), `${name}=${value}`).toBe(true);
      }
    }
  });
});

function properties(
  description: { components: { schemas: Record<string, { properties: object }> } },
  operation: { requestBody: { content: Record<string, { schema: { $ref: string } }> } },
): object {
  const reference = operation.requestBody.content['application/x-www-form-urlencoded']?.schema.$ref;
  return description.components.schemas[reference?.split('/').at(-1) ?? '']?.properties ?? {};
}

/** Digits of a query are numbers where the description says so, and texts elsewhere. */
function coerced(value: string): string | number {
  return /^\d{1,3}$/.test(value) ? Number(value) : value;
}
