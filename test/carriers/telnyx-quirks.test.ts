import { describe, expect, it } from 'vitest';
import { telnyx } from '../../functions/carriers/telnyx/adapter.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { call, testClock, webhooks } from '../contracts/carrier-start.ts';
import { credentials, DE, GB, telnyxLab } from './telnyx-lab.ts';

const lab = telnyxLab();

describe('telnyx orders', () => {
  it('85000: an order without a search right before is refused; the quote is that search', async () => {
    const order = lab.fresh();
    const early = await lab.carrier().purchase(order, call());
    const quote = await lab.carrier().quote(order, call());
    const late = await lab.carrier().purchase(order, call());

    expect(early).toMatchObject({ kind: 'refused', refusal: { class: 'NumberUnavailable', carrierCode: '85000' } });
    expect(quote).toEqual({ monthly: { amount: '1.00', currency: 'USD' }, setup: { amount: '1.00', currency: 'USD' } });
    expect(late).toMatchObject({ kind: 'accepted', reviewing: false, pollAfterSeconds: 30 });
  });

  it('P1: a quote for a number that is gone says so', async () => {
    const order = lab.fresh();
    await lab.bought(order);

    await expect(lab.carrier().quote(order, call())).rejects.toMatchObject({
      name: 'NumberUnavailable',
      code: 'not_available',
    });
  });

  it('names connection, profile, reference and papers in one order for one exact number', async () => {
    const order = { ...lab.fresh(), papers: { bundleId: 'b0b1' } };
    await lab.carrier().quote(order, call());
    await lab.carrier().purchase(order, call());

    expect(lab.sent('POST', '/v2/number_orders').map((each) => each.request)).toEqual([
      {
        phone_numbers: [{ phone_number: order.number, requirement_group_id: 'b0b1' }],
        connection_id: credentials.TELNYX_CONNECTION_ID,
        messaging_profile_id: credentials.TELNYX_MESSAGING_PROFILE_ID,
        customer_reference: 'req_01k.0.1',
      },
    ]);
  });

  it('P10: while it is pending the probe says when to look again', async () => {
    const order = lab.fresh();
    await lab.carrier().quote(order, call());
    const outcome = await lab.carrier().purchase(order, call());
    const probe = await lab.carrier().probe(order, call());

    expect(probe).toMatchObject({
      kind: 'in_progress',
      reviewing: false,
      refs: outcome.kind === 'accepted' ? outcome.refs : {},
    });
  });

  it('P19: missing papers are a review, not a refusal', async () => {
    const order = lab.fresh(DE);
    await lab.carrier().quote(order, call());
    const outcome = await lab.carrier().purchase(order, call());
    await lab.passed(1);

    expect(outcome).toMatchObject({ kind: 'accepted', reviewing: true, pollAfterSeconds: 900 });
    expect(await lab.carrier().probe(order, call())).toMatchObject({ kind: 'in_progress', reviewing: true });
  });

  it('an order that ends at once is done, with the number’s own id and features', async () => {
    const order = lab.fresh();
    await lab.carrier().quote(order, call());
    lab.spoil(/^POST .*number_orders$/, (body) => {
      lab.started().clock.advance(1);
      const data = body['data'] as { status: string; phone_numbers: { status: string }[] };
      return {
        data: {
          ...data,
          status: 'success',
          phone_numbers: data.phone_numbers.map((line) => ({ ...line, status: 'success' })),
        },
      };
    });

    expect(await lab.carrier().purchase(order, call())).toMatchObject({
      kind: 'done',
      value: { number: order.number, carrierNumberId: expect.stringMatching(/^\d{19}$/), features: ['voice', 'sms'] },
    });
  });

  it('accepted, when it ended at once but the list of numbers lags', async () => {
    const order = lab.fresh();
    await lab.carrier().quote(order, call());
    lab.spoil(/^POST .*number_orders$/, ({ data }) => ({
      data: { ...data, status: 'success', phone_numbers: [] },
    }));

    expect(await lab.carrier().purchase(order, call())).toMatchObject({ kind: 'accepted', pollAfterSeconds: 5 });
  });

  it('P13: a confirmation of another number is reported as it is', async () => {
    const order = lab.fresh();
    const other = lab.fresh(GB, 'req_other.0.1', 1);
    await lab.bought(other);
    await lab.carrier().quote(order, call());
    lab.spoil(/^POST .*number_orders$/, ({ data }) => ({
      data: {
        ...data,
        status: 'success',
        phone_numbers: [{ phone_number: other.number, status: 'success' }],
      },
    }));

    expect(await lab.carrier().purchase(order, call())).toMatchObject({
      kind: 'done',
      value: { number: other.number },
    });
  });

  it('an order state nobody knows is unknown, never a refusal', async () => {
    const order = lab.fresh();
    await lab.carrier().quote(order, call());
    lab.spoil(/^POST .*number_orders$/, ({ data }) => ({ data: { ...data, status: 'daydreaming' } }));

    expect(await lab.carrier().purchase(order, call())).toMatchObject({ kind: 'unknown', reason: 'malformed_reply' });
  });

  it('P11: an order that failed later is failed, and says why', async () => {
    const order = lab.fresh(DE);
    await lab.carrier().quote(order, call());
    await lab.carrier().purchase(order, call());
    const [placed] = lab.sent('POST', '/v2/number_orders');
    const { data } = (placed?.answer ?? {}) as { data?: { sub_number_orders_ids: string[] } };
    const part = data?.sub_number_orders_ids[0];
    const url = `${lab.started().world.publicUrl}/v2/sub_number_orders/${part}/cancel`;
    await fetch(url, { method: 'PATCH', headers: { authorization: `Bearer ${credentials.TELNYX_API_KEY}` } });

    expect(await lab.carrier().probe(order, call())).toMatchObject({
      kind: 'failed',
      refusal: { class: 'DocumentsRequired', carrierCode: 'cancelled' },
    });
  });

  it.each([
    ['orders', /number_orders$/],
    ['owned numbers', /phone_numbers$/],
  ])('S3: 200 with an error inside instead of the list of %s is an error, never "nothing"', async (_, path) => {
    lab.spoil(path, () => ({ errors: [{ code: '10007', title: 'Unexpected error' }] }));

    await expect(lab.carrier().probe(lab.fresh(), call())).rejects.toMatchObject({
      name: 'CarrierUnusable',
      code: 'malformed_reply',
    });
  });

  it('the list of owned numbers is asked with digits only, and compared in full', async () => {
    const order = lab.fresh();
    await lab.bought(order);
    const shorter = E164.parse(order.number.slice(0, -2));

    expect(lab.sent('GET', '/v2/phone_numbers?').map((each) => decodeURIComponent(each.path))).toEqual([
      expect.stringContaining(`filter[phone_number]=${order.number.slice(1)}&`),
    ]);
    expect(await lab.carrier().probe({ ...order, number: shorter, reference: 'req_else.0.1' }, call())).toEqual({
      kind: 'nothing',
    });
  });

  it('S2: a 429 to an order means "not processed", is not repeated, and says how long to wait', async () => {
    const order = lab.fresh();
    await lab.carrier().quote(order, call());
    await lab.started().fault('rate_limited');

    expect(await lab.carrier().purchase(order, call())).toMatchObject({
      kind: 'refused',
      refusal: { code: 'rate_limited', notProcessed: true, retryAfterSeconds: 1 },
    });
    expect(lab.sent('POST', '/v2/number_orders')).toHaveLength(1);
  });
});

describe('telnyx reservations', () => {
  it('holds for 30 minutes, under our reference, and an order takes it up', async () => {
    const order = lab.fresh();
    const held = await lab.carrier().reserve?.(order, call());
    await lab.passed(1700);

    expect(held).toMatchObject({
      kind: 'done',
      value: { expiresAt: '2026-11-20T10:30:00.000Z' },
      refs: { reservationId: expect.any(String) },
    });
    expect(await lab.carrier().quote(order, call())).toBeDefined();
    expect((await lab.carrier().purchase(order, call())).kind).toBe('accepted');
  });

  it('P9 85006: what an earlier attempt of ours still holds is held for the next one', async () => {
    const order = lab.fresh();
    const first = await lab.carrier().reserve?.(order, call());
    const again = await lab.carrier().reserve?.({ ...order, reference: 'req_01k.0.2' }, call());

    expect(first?.kind).toBe('done');
    expect(again).toEqual(first);
  });

  it('P1 85006: what somebody else holds is gone', async () => {
    const order = lab.fresh();
    await lab.carrier().reserve?.(order, call());
    lab.spoil(/GET .*number_reservations/, (body) => ({ ...body, data: [] }));

    expect(await lab.carrier().reserve?.({ ...order, reference: 'req_01k.0.2' }, call())).toMatchObject({
      kind: 'refused',
      refusal: { class: 'NumberUnavailable', code: 'owned_by_other', carrierCode: '85006' },
    });
  });

  it('85006: a hold of ours that has run out says nothing', async () => {
    const order = lab.fresh();
    await lab.carrier().reserve?.(order, call());
    const past = '2026-11-20T09:59:59.000Z';
    lab.spoil(/GET .*number_reservations/, (body) => ({
      ...body,
      data: (body['data'] as { phone_numbers: object[] }[]).map((one) => ({
        ...one,
        phone_numbers: one.phone_numbers.map((line) => ({ ...line, expired_at: past })),
      })),
    }));

    expect(await lab.carrier().reserve?.({ ...order, reference: 'req_01k.0.2' }, call())).toMatchObject({
      kind: 'refused',
    });
  });

  it('a number this account holds is still found: our claim keeps it from others while it is wanted', async () => {
    const order = lab.fresh();
    await lab.carrier().reserve?.(order, call());
    const found: string[] = [];
    for await (const page of lab.carrier().search({ country: GB, type: 'local', features: [], limit: 100 }, call()))
      found.push(...page.offers.map((offer) => offer.number));

    expect(found).toContain(order.number);
  });
});

describe('telnyx settings', () => {
  it('A4: writes only what differs, POST and version 2 among it; repeating writes nothing', async () => {
    const number = await lab.bought();
    await lab.carrier().configure(number, webhooks('a'), call());
    const first = lab.sent('PATCH').map((each) => [each.path, each.request]);
    await lab.carrier().configure(number, webhooks('a'), call());

    expect(first).toEqual([
      [
        `/v2/texml_applications/${credentials.TELNYX_CONNECTION_ID}`,
        {
          friendly_name: 'voice',
          voice_url: webhooks('a').voiceUrl,
          voice_method: 'post',
          voice_fallback_url: webhooks('a').voiceFallbackUrl,
          status_callback: webhooks('a').statusUrl,
          status_callback_method: 'post',
        },
      ],
      [
        `/v2/messaging_profiles/${credentials.TELNYX_MESSAGING_PROFILE_ID}`,
        { webhook_url: webhooks('a').smsUrl, webhook_api_version: '2' },
      ],
    ]);
    expect(lab.sent('PATCH')).toHaveLength(2);
  });

  it('brings a number that points elsewhere back, and lists it without our addresses until then', async () => {
    const number = await lab.bought();
    await lab.carrier().configure(number, webhooks('a'), call());
    const stocked = lab.started().world.numbers.find(number.number);
    if (stocked)
      lab.started().world.numbers.save({
        ...stocked,
        data: { ...stocked.data, connection_id: '1', messaging_profile_id: null },
      });
    const shown = async () => {
      for await (const page of lab.carrier().listOwned(call())) return page[0]?.webhooks;
    };
    const astray = await shown();
    const end = await lab.carrier().configure(number, webhooks('a'), call());

    expect(astray).toEqual({});
    expect(end.kind).toBe('done');
    expect(await shown()).toMatchObject({ voiceUrl: webhooks('a').voiceUrl, smsUrl: webhooks('a').smsUrl });
  });

  it('lists more numbers than a page holds, each once', async () => {
    const all = lab.started().world.numbers.search({ limit: 260 });
    lab.started().world.transact(() => {
      for (const number of all)
        lab.started().world.numbers.save({
          ...number,
          state: 'owned',
          data: { numberId: number.number.slice(1), purchasedAt: '2026-11-20T10:00:00.000Z' },
        });
    });
    const pages: number[] = [];
    for await (const page of lab.carrier().listOwned(call())) pages.push(page.length);

    expect(pages).toEqual([250, 10]);
  });

  it('a credit line counts, and an overdrawn account has nothing', async () => {
    expect(await lab.carrier().balance?.(call())).toEqual({ amount: '1000.00', currency: 'USD' });
    lab.spoil(/balance$/, ({ data }) => ({ data: { ...data, available_credit: '-12.50' } }));
    expect(await lab.carrier().balance?.(call())).toEqual({ amount: '0.00', currency: 'USD' });
  });

  it('refuses to be made without its credentials', () => {
    for (const name of ['TELNYX_API_KEY', 'TELNYX_CONNECTION_ID', 'TELNYX_MESSAGING_PROFILE_ID'])
      expect(() =>
        telnyx({ credentials: { ...credentials, [name]: '' } }, { http: () => Promise.reject(), clock: testClock() }),
      ).toThrow(name);
  });
});

describe('telnyx search', () => {
  it('a country without coverage is an empty page', async () => {
    const wish = { country: CountryCode.parse('AQ'), type: 'local', features: [], limit: 5 } as const;
    const pages = [];
    for await (const page of lab.carrier().search(wish, call())) pages.push(page);

    expect(pages).toEqual([{ offers: [], appliedBy: { type: 'carrier' }, dropped: 0 }]);
  });
});
