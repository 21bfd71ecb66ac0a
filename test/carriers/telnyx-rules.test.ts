import { describe, expect, it } from 'vitest';
import type { SearchWish } from '../../functions/carriers/port.ts';
import { refusal } from '../../functions/carriers/telnyx/errors.ts';
import { planSearch } from '../../functions/carriers/telnyx/search.ts';
import { CountryCode } from '../../functions/domain/country.ts';

const GB = CountryCode.parse('GB');

describe('telnyx search plan', () => {
  const wish = (more: Partial<SearchWish>): SearchWish => ({
    country: GB,
    type: 'local',
    features: [],
    limit: 5,
    ...more,
  });
  const us = CountryCode.parse('US');

  it.each<[string, Partial<SearchWish>, object]>([
    ['a start', { pattern: { text: '12', match: 'starts' } }, { digits: { starts_with: '12' } }],
    ['a start within the area code', { areaCode: '1223', pattern: { text: '12', match: 'starts' } }, { digits: {} }],
    [
      'a start beyond the area code',
      { areaCode: '1223', pattern: { text: '12235', match: 'starts' } },
      { digits: { starts_with: '5' } },
    ],
    [
      'a start against the area code',
      { areaCode: '1223', pattern: { text: '16', match: 'starts' } },
      { impossible: true },
    ],
    ['an end', { areaCode: '1223', pattern: { text: '99', match: 'ends' } }, { digits: { ends_with: '99' } }],
    [
      'digits anywhere',
      { areaCode: '1223', pattern: { text: '55', match: 'anywhere' } },
      { digits: { contains: '55' } },
    ],
  ])('the carrier matches %s', (_, more, plan) => {
    expect(planSearch(wish(more))).toMatchObject({ ...plan, appliedBy: { pattern: 'carrier' } });
  });

  it.each<[string, Partial<SearchWish>]>([
    ['digits that may begin in the area code', { areaCode: '1223', pattern: { text: '35', match: 'anywhere' } }],
    ['an end that may begin in the area code', { areaCode: '1223', pattern: { text: '2355', match: 'ends' } }],
    ['letters', { pattern: { text: 'CALL', match: 'anywhere' } }],
  ])('the gateway matches %s', (_, more) => {
    expect(planSearch(wish(more))).toEqual({ appliedBy: expect.objectContaining({ pattern: 'gateway' }) });
  });

  it('states are filtered by the carrier in the United States and Canada only', () => {
    expect(planSearch(wish({ country: us, region: 'IL' })).appliedBy).toMatchObject({ region: 'carrier' });
    expect(planSearch(wish({ region: 'England' })).appliedBy).toMatchObject({ region: 'gateway' });
  });
});

describe('telnyx errors', () => {
  const answer = (status: number, ...codes: (string | number)[]) => ({
    status,
    headers: {},
    text: JSON.stringify({ errors: codes.map((code) => ({ code, title: 'T', detail: 'd' })) }),
  });

  it.each([
    [422, '85001', 'NumberUnavailable', 'not_available'],
    [402, '20100', 'CarrierUnusable', 'insufficient_funds'],
    [403, '20012', 'CarrierUnusable', 'insufficient_funds'],
    [422, '20013', 'CarrierUnusable', 'auth'],
    [401, '10009', 'CarrierUnusable', 'auth'],
    [422, '10016', 'CarrierRefused', 'bad_number'],
    [422, '10007', 'CarrierBusy', 'carrier_down'],
    [404, '10005', 'CarrierRefused', 'not_owned'],
    [422, '10011', 'CarrierRefused', 'other'],
    [400, '99999', 'CarrierRefused', 'other'],
    [403, '99999', 'CarrierUnusable', 'auth'],
    [422, 'constructor', 'CarrierRefused', 'other'],
  ])('status %i with code %s is %s %s', (status, carrierCode, name, code) => {
    expect(refusal(answer(status, carrierCode))).toEqual({ class: name, code, carrierCode, carrierText: 'T: d' });
  });

  it('finds the telling code among several, and does without a readable body', () => {
    expect(refusal(answer(422, '10027', 85001))).toMatchObject({ code: 'not_available', carrierCode: '85001' });
    expect(refusal({ status: 404, headers: {}, text: '<html>' })).toEqual({
      class: 'CarrierRefused',
      code: 'not_owned',
      carrierCode: '404',
    });
    expect(refusal(answer(200, '10007'))).toBeUndefined();
    expect(refusal(answer(429, '10011'))).toBeUndefined();
  });
});
