import { describe, expect, it } from 'vitest';
import type { SearchWish } from '../../functions/carriers/port.ts';
import { twilioRefusal } from '../../functions/carriers/twilio/errors.ts';
import { searchPage, searchPlan } from '../../functions/carriers/twilio/search.ts';
import { monthlyPrice, toBalance, toFriendlyName } from '../../functions/carriers/twilio/wire.ts';
import { CountryCode } from '../../functions/domain/country.ts';

const wish = (country: string, more: Partial<SearchWish> = {}): SearchWish => ({
  country: CountryCode.parse(country),
  type: 'local',
  features: [],
  limit: 10,
  ...more,
});
const starts = (text: string) => ({ text, match: 'starts' as const });

describe('a wish as a Twilio search', () => {
  it.each([
    ['US area code', wish('US', { areaCode: '312' }), { areaCode: 312, pageSize: 10 }, { areaCode: 'carrier' }],
    [
      'US area code and pattern',
      wish('US', { areaCode: '312', pattern: starts('312555') }),
      { areaCode: 312, contains: '+1312555%', pageSize: 10 },
      { areaCode: 'carrier', pattern: 'carrier' },
    ],
    [
      'US region',
      wish('US', { region: 'IL', locality: 'Chicago' }),
      { inRegion: 'IL', inLocality: 'Chicago', pageSize: 10 },
      { region: 'carrier', locality: 'carrier' },
    ],
    ['GB area code', wish('GB', { areaCode: '20' }), { contains: '+4420%', pageSize: 10 }, { areaCode: 'carrier' }],
    ['GB region', wish('GB', { region: 'Scotland' }), { pageSize: 200 }, { region: 'gateway' }],
    [
      'GB area and start',
      wish('GB', { areaCode: '20', pattern: starts('2079') }),
      { contains: '+442079%', pageSize: 10 },
      { areaCode: 'carrier', pattern: 'carrier' },
    ],
    [
      'GB area and longer area',
      wish('GB', { areaCode: '1223', pattern: starts('12') }),
      { contains: '+441223%', pageSize: 10 },
      { areaCode: 'carrier', pattern: 'carrier' },
    ],
    [
      'GB area and end',
      wish('GB', { areaCode: '20', pattern: { text: '77', match: 'ends' } }),
      { contains: '+4420%', pageSize: 200 },
      { areaCode: 'carrier', pattern: 'gateway' },
    ],
    [
      'anywhere',
      wish('GB', { pattern: { text: '4455', match: 'anywhere' } }),
      { contains: '4455', pageSize: 200 },
      { pattern: 'gateway' },
    ],
    ['one digit', wish('GB', { pattern: { text: '7', match: 'ends' } }), { pageSize: 200 }, { pattern: 'gateway' }],
    [
      'end',
      wish('GB', { pattern: { text: '77', match: 'ends' } }),
      { contains: '77$', pageSize: 10 },
      { pattern: 'carrier' },
    ],
    [
      'a whole number as its end',
      wish('GB', { pattern: { text: '441223555010', match: 'ends' } }),
      { contains: '441223555010$', pageSize: 200 },
      { pattern: 'gateway' },
    ],
    [
      'features',
      wish('DE', { features: ['voice', 'sms'] }),
      { voiceEnabled: true, smsEnabled: true, pageSize: 10 },
      { features: 'carrier' },
    ],
  ] as const)('%s', (_, asked, query, appliedBy) => {
    expect(searchPlan(asked)).toEqual({ query, appliedBy: { type: 'carrier', ...appliedBy } });
  });

  it('keeps to sixteen characters', () => {
    expect(searchPlan(wish('GB', { pattern: starts('123456789012345') }))?.query.contains).toBe(
      '+44123456789012'.padEnd(16, '3'),
    );
  });

  it('is no search at all when area and pattern contradict each other', () => {
    expect(searchPlan(wish('GB', { areaCode: '20', pattern: starts('161') }))).toBeUndefined();
  });
});

const prices = (current: string | number | null) => ({
  priceUnit: 'usd',
  phoneNumberPrices: [{ numberType: 'toll free', currentPrice: current }],
});
const row = {
  phoneNumber: '+18005550100',
  locality: null,
  region: '',
  capabilities: { voice: true, SMS: true, MMS: false },
};

describe('prices and rows', () => {
  it.each([
    ['25.00', { amount: '25.00', currency: 'USD' }],
    [2.5, { amount: '2.50', currency: 'USD' }],
    [null, undefined],
    ['-1.00', null],
  ])('S4: a monthly price of %j is %j', (current, expected) => {
    expect(monthlyPrice(prices(current), 'toll_free')).toEqual(expected);
    expect(monthlyPrice(prices(current), 'mobile')).toBeUndefined();
  });

  it('S4: a negative price drops the rows and counts them; a missing one leaves them without', () => {
    const asked = wish('US', { type: 'toll_free' });
    const plan = searchPlan(asked);
    if (!plan) throw new Error('no plan');

    expect(searchPage(asked, plan, [row], prices('-1'))).toMatchObject({ offers: [], dropped: 1 });
    expect(searchPage(asked, plan, [row, { ...row, phoneNumber: '800' }], undefined)).toEqual({
      offers: [
        {
          ...{ number: '+18005550100', country: 'US', type: 'toll_free', areaCode: '800' },
          ...{ features: ['voice', 'sms'], premium: false, holdable: false },
        },
      ],
      appliedBy: { type: 'carrier' },
      dropped: 1,
    });
  });

  it('reads a balance below zero as nothing to spend', () => {
    expect(toBalance({ balance: '-3.20', currency: 'usd' })).toEqual({ amount: '0.00', currency: 'USD' });
    expect(() => toBalance({ balance: 'much', currency: 'USD' })).toThrow(TypeError);
  });

  it('maps references into 64 characters without making two the same', () => {
    const long = 'r'.repeat(90);

    expect(toFriendlyName('req_01.0.1')).toBe('req_01.0.1');
    expect(toFriendlyName(long)).toHaveLength(64);
    expect(toFriendlyName(`${long}1`)).not.toBe(toFriendlyName(`${long}2`));
  });
});

describe("Twilio's errors in our terms", () => {
  const answer = (status: number, code: number, text?: string) => ({
    ...{ status, headers: {} },
    text: text ?? JSON.stringify({ code, message: 'why', more_info: '', status }),
  });

  it.each([
    [400, 21422, 'NumberUnavailable', 'not_available'],
    [400, 21421, 'CarrierRefused', 'bad_number'],
    [400, 21452, 'NumberUnavailable', 'not_available'],
    [400, 21631, 'DocumentsRequired', 'address_invalid'],
    [400, 21649, 'DocumentsRequired', 'documents_required'],
    [400, 21651, 'DocumentsRequired', 'document_rejected'],
    [401, 20003, 'CarrierUnusable', 'auth'],
    [403, 20005, 'CarrierUnusable', 'insufficient_funds'],
    [403, 99999, 'CarrierUnusable', 'auth'],
    [404, 20404, 'CarrierRefused', 'not_owned'],
    [400, 99999, 'CarrierRefused', 'other'],
  ])('%i %i is %s %s, its own code kept', (status, code, name, ours) => {
    expect(twilioRefusal(answer(status, code))).toEqual({
      class: name,
      code: ours,
      carrierCode: String(code),
      carrierText: 'why',
    });
  });

  it('429 was not processed', () => {
    expect(twilioRefusal(answer(429, 20429))).toMatchObject({ code: 'rate_limited', notProcessed: true });
  });

  it('reads the newer form of an error too', () => {
    const text = JSON.stringify({ type: 'x', title: 'Too many', status: 429, code: 20429 });

    expect(twilioRefusal(answer(429, 0, text))).toMatchObject({ code: 'rate_limited', carrierText: 'Too many' });
  });

  it('says nothing about successes, unknown 5xx and answers that are no error of Twilio', () => {
    expect(twilioRefusal(answer(200, 21422))).toBeUndefined();
    expect(twilioRefusal(answer(500, 20500))).toBeUndefined();
    expect(twilioRefusal(answer(400, 0, '<html>'))).toBeUndefined();
  });
});
