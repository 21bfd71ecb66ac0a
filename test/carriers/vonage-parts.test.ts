import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { vonage } from '../../functions/carriers/vonage/adapter.ts';
import { callingCode } from '../../functions/carriers/vonage/calling-codes.ts';
import { refusal } from '../../functions/carriers/vonage/errors.ts';
import { planSearch } from '../../functions/carriers/vonage/search.ts';
import { NumbersPage, toEuros, toOffer, toOwned, toOwnedRow } from '../../functions/carriers/vonage/wire.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { AnswerLost, type Http } from '../../functions/platform/http.ts';
import { call, orderFor } from '../contracts/carrier-start.ts';

const GB = CountryCode.parse('GB');
const wish = { country: GB, type: 'local' as const, features: [], limit: 20 };
const answer = (status: number, body: unknown) => ({
  status,
  headers: {},
  text: typeof body === 'string' ? body : JSON.stringify(body),
});

describe('calling codes', () => {
  it('agree with the numbering library for every country', () => {
    expect(Object.fromEntries(getCountries().map((country) => [country, callingCode(country)]))).toEqual(
      Object.fromEntries(getCountries().map((country) => [country, getCountryCallingCode(country)])),
    );
    expect(callingCode('ZZ')).toBeUndefined();
  });
});

describe('search plan', () => {
  it.each([
    ['an area code', { areaCode: '1223' }, { pattern: '441223', searchPattern: 0 }, { areaCode: 'carrier' }],
    [
      'starts',
      { pattern: { text: '12', match: 'starts' } },
      { pattern: '4412', searchPattern: 0 },
      { pattern: 'carrier' },
    ],
    [
      'starts behind an area code',
      { areaCode: '1223', pattern: { text: '122355', match: 'starts' } },
      { pattern: '44122355', searchPattern: 0 },
      { areaCode: 'carrier', pattern: 'carrier' },
    ],
    [
      'starts shorter than the area code',
      { areaCode: '1223', pattern: { text: '12', match: 'starts' } },
      { pattern: '441223', searchPattern: 0 },
      { areaCode: 'carrier', pattern: 'carrier' },
    ],
    ['ends', { pattern: { text: '00', match: 'ends' } }, { pattern: '00', searchPattern: 2 }, { pattern: 'carrier' }],
    [
      'an ending that could reach the country code',
      { pattern: { text: '41223555', match: 'ends' } },
      { pattern: '41223555', searchPattern: 2 },
      { pattern: 'gateway' },
    ],
    [
      'anywhere: also finds the country code',
      { pattern: { text: '44', match: 'anywhere' } },
      { pattern: '44', searchPattern: 1 },
      { pattern: 'gateway' },
    ],
    [
      'two patterns at once',
      { areaCode: '1223', pattern: { text: '00', match: 'ends' } },
      { pattern: '441223', searchPattern: 0 },
      { areaCode: 'carrier', pattern: 'gateway' },
    ],
    ['letters', { pattern: { text: 'PIZZA', match: 'anywhere' } }, undefined, { pattern: 'gateway' }],
    ['a place', { locality: 'Cambridge', region: 'England' }, undefined, { locality: 'gateway', region: 'gateway' }],
  ] as const)('%s', (_, more, pattern, appliedBy) => {
    const plan = planSearch({ ...wish, ...more });

    expect(plan.pattern).toEqual(pattern);
    expect(plan.appliedBy).toEqual({ type: 'carrier', ...appliedBy });
    expect(plan.isImpossible).toBeUndefined();
  });

  it('knows a contradiction', () => {
    expect(planSearch({ ...wish, areaCode: '20', pattern: { text: '16', match: 'starts' } }).isImpossible).toBe(true);
  });
});

describe('refusals', () => {
  it.each([
    [200, { 'error-code': '200', 'error-code-label': 'success' }, undefined],
    [200, { count: 1, numbers: [] }, undefined],
    [200, {}, undefined],
    [200, '<html>', undefined],
    [200, { 'error-code': '420', 'error-code-label': 'method failed' }, 'other'],
    [200, { 'error-code': 420 }, 'other'],
    [420, { 'error-code': '420', 'error-code-label': 'needs a valid local ADDRESS' }, 'documents_required'],
    [420, { 'error-code': '420', 'error-code-label': 'request it from the dashboard' }, 'documents_required'],
    [420, { 'error-code': '420', 'error-code-label': 'Insufficient balance' }, 'insufficient_funds'],
    [402, {}, 'insufficient_funds'],
    [401, { 'error-code': '401', 'error-code-label': 'authentication failed' }, 'auth'],
    [401, { title: 'Unauthorized', detail: 'no' }, 'auth'],
    [403, 'nope', 'auth'],
    [429, '', 'rate_limited'],
    [500, '<html>', 'carrier_down'],
    [503, { 'error-code': '200' }, 'carrier_down'],
    [400, { type: 'x', title: 'Bad Request', detail: 'wrong', invalid_parameters: [] }, 'other'],
    [404, {}, 'other'],
  ])('status %i with %j is %s', (status, body, code) => {
    expect(refusal(answer(status, body))?.code).toBe(code);
  });

  it('keeps the carrier’s code and text, and knows that 429 was not processed', () => {
    const label = 'Numbers from this country can be requested from the Dashboard';

    expect(refusal(answer(420, { 'error-code': '420', 'error-code-label': label }))).toEqual({
      class: 'DocumentsRequired',
      code: 'documents_required',
      carrierCode: '420',
      carrierText: label,
    });
    expect(refusal(answer(429, 'slow down'))).toMatchObject({ notProcessed: true, carrierText: 'slow down' });
    expect(refusal(answer(400, { detail: 'wrong', title: 'Bad Request' }))).toMatchObject({ carrierText: 'wrong' });
  });
});

describe('wire', () => {
  it('S4: leaves out rows that are no number or cost less than nothing; no price is "ask"', () => {
    const row = { country: 'GB', msisdn: '441223555010', type: 'landline', cost: '1.25', features: ['VOICE', 'FAX'] };

    expect(toOffer(row, wish)).toEqual({
      number: '+441223555010',
      country: 'GB',
      type: 'local',
      features: ['voice'],
      monthly: { amount: '1.25', currency: 'EUR' },
      premium: false,
      holdable: false,
    });
    expect(toOffer({ ...row, cost: undefined }, wish)).not.toHaveProperty('monthly');
    expect(toOffer({ ...row, cost: 0.9 }, wish)?.monthly).toEqual({ amount: '0.90', currency: 'EUR' });
    for (const bad of [
      { cost: '-1' },
      { cost: 'free' },
      { msisdn: '12x' },
      { msisdn: 7 },
      { msisdn: '+441223555010' },
    ]) {
      expect(toOffer({ ...row, ...bad }, wish)).toBeUndefined();
    }
  });

  it('reads an empty object as an empty page', () => {
    expect(NumbersPage.parse({})).toEqual({ count: 0, numbers: [] });
  });

  it('reads an owned number with the older and the newer name of its application', () => {
    const application = { id: 'app', webhooks: { voiceUrl: 'https://a.example' } };
    const owned = (more: object) => {
      const row = toOwnedRow({ country: 'GB', msisdn: '441223555010', ...more });
      return row && toOwned(row, application)?.webhooks;
    };

    expect(owned({ app_id: 'app' })).toEqual(application.webhooks);
    expect(owned({ voiceCallbackType: 'app', voiceCallbackValue: 'app' })).toEqual(application.webhooks);
    expect(owned({ app_id: 'app', voiceCallbackType: 'sip', voiceCallbackValue: 'sip:x@y' })).toEqual({});
    expect(owned({ app_id: 'other' })).toEqual({});
    expect(owned({})).toEqual({});
  });

  it('takes money in euros', () => {
    expect(toEuros(10.171275)).toEqual({ amount: '10.171275', currency: 'EUR' });
    expect(toEuros(-3)).toBeUndefined();
  });
});

describe('what 420 at a purchase means', () => {
  const order = orderFor({ number: E164.parse('+441223555010'), country: GB, type: 'local' }, 'req_1.0.1');
  const row = { country: 'GB', msisdn: '441223555010', type: 'landline', features: ['VOICE'] };
  const failed = { 'error-code': '420', 'error-code-label': 'method failed' };
  const offered = { count: 1, numbers: [{ ...row, cost: '1.25' }] };
  const poor = { value: 1.24, autoReload: false };
  const rich = { value: 1.25, autoReload: false };
  /** A carrier of four answers; `undefined` is a lost one. */
  const purchase = async (owned: unknown, available: unknown, balance: unknown, buy: unknown = failed) => {
    const bodies = new Map([
      ['/number/buy', buy],
      ['/account/numbers', owned],
      ['/number/search', available],
      ['/account/get-balance', balance],
    ]);
    const asked: string[] = [];
    const http: Http = async ({ url }) => {
      const { hostname, pathname } = new URL(url);
      asked.push(pathname);
      const body = hostname === 'rest.nexmo.com' ? bodies.get(pathname) : undefined;
      if (body === undefined) throw new AnswerLost('connection_lost');
      return { status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) };
    };
    const credentials = { VONAGE_API_KEY: 'k', VONAGE_API_SECRET: 's', VONAGE_APPLICATION_ID: 'a' };
    const timing = { monotonicMs: () => 0, epochMs: () => 0, random: () => 0, wait: () => Promise.resolve() };
    return { outcome: await vonage({ credentials }, { http, timing }).purchase(order, call()), asked };
  };

  it.each([
    ['on the account: this order bought nothing', { count: 1, numbers: [row] }, offered, rich, 'owned_by_other'],
    [
      'a longer number on the account is another one',
      { count: 1, numbers: [{ ...row, msisdn: '4412235550101' }] },
      {},
      rich,
      'not_available',
    ],
    ['no longer offered', {}, {}, rich, 'not_available'],
    ['offered and affordable: for the case worker', {}, offered, rich, 'other'],
    ['offered, balance too small', {}, offered, poor, 'insufficient_funds'],
  ])('%s', async (_, owned, available, balance, code) => {
    expect((await purchase(owned, available, balance)).outcome).toMatchObject({
      kind: 'refused',
      refusal: { code, carrierCode: '420', carrierText: 'method failed' },
    });
  });

  it('P2: a failure of the carrier inside HTTP 200 is unknown, not refused', async () => {
    const broken = { 'error-code': '500', 'error-code-label': 'internal error' };

    expect((await purchase({}, {}, rich, broken)).outcome).toMatchObject({ kind: 'unknown', reason: 'server_error' });
  });

  it('is unknown when the question behind it is not answered, and never orders twice', async () => {
    for (const [owned, available, balance] of [
      [undefined, offered, rich],
      [{}, undefined, rich],
      [{}, offered, undefined],
    ]) {
      const { outcome, asked } = await purchase(owned, available, balance);
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(asked.filter((path) => path === '/number/buy')).toHaveLength(1);
    }
  });

  it('needs no further question when the label says it', async () => {
    const label = 'can be requested from the Dashboard';
    const { outcome, asked } = await purchase({}, undefined, undefined, { ...failed, 'error-code-label': label });

    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'documents_required' } });
    expect(asked).toEqual(['/number/buy', '/account/numbers']);
  });
});
