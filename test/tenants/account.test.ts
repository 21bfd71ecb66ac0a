import { describe, expect, it } from 'vitest';
import { TenantId } from '../../functions/domain/ids.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import { readCounter } from '../../functions/tenants/store.ts';
import { ACME, GLOBEX_EXT, PAM_EXT, startHouse } from '../numbers/house.ts';

const NUMBER = '+441223555010';

describe('the tenant', () => {
  it('is read and changed by its admin, without what is the platform owner’s', async () => {
    const house = await startHouse();

    const read = await house.as('admin', 'GET /v1/tenant');
    const changed = await house.as('admin', 'PATCH /v1/tenant', {
      body: { name: 'Acme Ltd', timeZone: 'Europe/Dublin', notificationAddresses: ['ops@acme.example'] },
    });
    const customer = await house.as('pam', 'GET /v1/tenant');

    expect(read.json).toMatchObject({ id: ACME, object: 'tenant', numberLimit: 50, plan: 'standard', country: 'GB' });
    expect(read.text).not.toMatch(/paymentMethod|standing|version/);
    expect(changed.json).toMatchObject({ name: 'Acme Ltd', timeZone: 'Europe/Dublin' });
    expect(changed.headers.get('etag')).toBe('"2"');
    expect(customer.status).toBe(403);
  });

  it('S1-2, S1-3, S2-7: plan, limit and features are the operator’s; a raised limit counts at once', async () => {
    const house = await startHouse();

    const refused = [
      await house.as('admin', 'PATCH /v1/tenant', { body: { numberLimit: 100 } }),
      await house.as('cs', 'PATCH /v1/tenant', { body: { plan: 'gold' } }),
      await house.as('admin', 'PATCH /v1/tenant', { body: { features: { ouIsolation: true } } }),
      await house.as('cs', `PATCH /v1/tenants/${ACME}`, { body: { numberLimit: 100 } }),
    ];
    const raised = await house.as('operator', 'PATCH /v1/tenant', {
      body: { numberLimit: 100, features: { callerNumberAnonymization: false } },
    });
    const list = await house.as('admin', 'GET /v1/numbers');

    for (const one of refused) expect([one.status, one.json['code']]).toEqual([403, 'not_allowed']);
    expect(raised.json).toMatchObject({
      numberLimit: 100,
      features: { callerNumberAnonymization: false, tenantMaintainsCallerNumbers: true },
    });
    expect(list.json['meta']).toMatchObject({ limit: { limit: 100, remaining: 100 } });
  });

  it('S2-18: another fallback answers the very next call to a number routed to nobody', async () => {
    const house = await startHouse();
    const { id } = await house.plant(NUMBER);

    const answer = await house.as('admin', 'PATCH /v1/tenant', {
      body: { fallback: { type: 'extension', id: PAM_EXT }, defaultNumberId: id },
    });
    const rung = await house.callPlan(NUMBER);
    const restored = await house.as('admin', 'PATCH /v1/tenant', { body: { fallback: null, defaultNumberId: null } });

    expect(answer.json).toMatchObject({ fallback: { type: 'extension', id: PAM_EXT }, defaultNumberId: id });
    expect(rung.steps[0]).toMatchObject({ to: { sip: expect.stringContaining('1001@') } });
    expect(restored.json).toMatchObject({ fallback: { type: 'announce' } });
    expect(restored.json).not.toHaveProperty('defaultNumberId');
    expect((await house.callPlan(NUMBER)).steps[0]).toMatchObject({ do: 'say' });
  });

  it.each([
    ['another tenant’s extension', { fallback: { type: 'extension', id: GLOBEX_EXT } }, 'unknown_target'],
    ['a premium range', { fallback: { type: 'forward', number: '+449098790000' } }, 'forward_not_allowed'],
    ['a number that falls back itself', { fallback: { type: 'forward', number: NUMBER } }, 'forward_not_allowed'],
    ['a time zone nobody has', { timeZone: 'Mars/Olympus' }, 'invalid_input'],
    ['a number nobody has', { defaultNumberId: 'num_01k0000000000000000000000z' }, 'invalid_input'],
  ])('A6, I7: refuses %s', async (_, body, code) => {
    const house = await startHouse();
    await house.plant(NUMBER);

    const answer = await house.as('admin', 'PATCH /v1/tenant', { body });

    expect([answer.status, answer.json['code']]).toEqual([422, code]);
  });

  it('A2: a stale If-Match changes nothing', async () => {
    const house = await startHouse();
    await house.as('admin', 'PATCH /v1/tenant', { body: { name: 'One' } });

    const stale = await house.as('cs', 'PATCH /v1/tenant', { body: { name: 'Two' }, headers: { 'If-Match': '"1"' } });

    expect([stale.status, stale.json['code']]).toEqual([412, 'stale_version']);
  });
});

describe('the bill', () => {
  it('S2-8, S2-29: the tenant sets the payment method, the operator the standing', async () => {
    const house = await startHouse();
    const put = (who: string, body: unknown) => house.as(who, 'PUT /v1/tenant/billing', { body });

    const admin = await put('admin', { paymentMethod: 'expired' });
    const unchanged = await put('admin', { paymentMethod: 'valid', standing: 'good' });
    const refused = [
      await put('admin', { paymentMethod: 'valid', standing: 'past_due' }),
      await put('cs', { paymentMethod: 'valid', standing: 'past_due' }),
    ];
    const operator = await put('operator', { paymentMethod: 'valid', standing: 'past_due' });
    const read = await house.as('admin', 'GET /v1/tenant/billing');

    expect([admin.status, admin.json['paymentMethod'], unchanged.status]).toEqual([200, 'expired', 200]);
    for (const one of refused) expect([one.status, one.json['code']]).toEqual([403, 'not_allowed']);
    expect(operator.json).toMatchObject({ object: 'billing', standing: 'past_due' });
    expect(read.json).toEqual(operator.json);
  });
});

describe('the platform side', () => {
  it('makes a tenant with its counter, once for one key, lists and changes it', async () => {
    const house = await startHouse();
    const sent = { body: { name: 'Initech', country: 'US' }, key: 'k1' };

    const made = await house.as('operator', 'POST /v1/tenants', sent);
    const again = await house.as('operator', 'POST /v1/tenants', sent);
    const id = TenantId.parse(made.json['id']);
    const limited = await house.as('operator', `PATCH /v1/tenants/${id}`, { body: { numberLimit: 3 } });
    const list = await house.as('operator', 'GET /v1/tenants');

    expect(made.status, made.text).toBe(201);
    expect(made.json).toMatchObject({ name: 'Initech', numberLimit: 50, currency: 'USD', state: 'active' });
    expect(made.headers.get('location')).toBe(`/v1/tenants/${id}`);
    expect(again.json).toEqual(made.json);
    expect(limited.json['numberLimit']).toBe(3);
    expect(list.json['data']).toHaveLength(3);
    expect(await house.table.get({ pk: `TEN#${id}`, sk: 'COUNTER#numbers' })).toBeDefined();
    expect(await readCounter(house.table, tenantScope(id))).toEqual({ used: 0, held: 0, taken: 0 });
    expect((await house.as('operator', 'GET /v1/numbers', { tenant: id })).status).toBe(200);
  });

  it('suspends and resumes', async () => {
    const house = await startHouse();

    const suspended = await house.as('operator', `POST /v1/tenants/${ACME}/suspension`, { body: { reason: 'fraud' } });
    const resumed = await house.as('operator', `DELETE /v1/tenants/${ACME}/suspension`);
    const read = await house.as('operator', `GET /v1/tenants/${ACME}`);

    expect([suspended.status, suspended.json['state']]).toEqual([200, 'suspended']);
    expect([resumed.status, read.json['state']]).toEqual([204, 'active']);
  });

  it('is nobody else’s', async () => {
    const house = await startHouse();

    for (const who of ['admin', 'cs', 'pam']) {
      const answers = [
        await house.as(who, 'GET /v1/tenants'),
        await house.as(who, 'POST /v1/tenants', { body: { name: 'x', country: 'GB' } }),
        await house.as(who, `GET /v1/tenants/${ACME}`),
        await house.as(who, `POST /v1/tenants/${ACME}/suspension`, { body: {} }),
      ];
      for (const one of answers) expect(one.status).toBe(403);
    }
    expect((await house.as('operator', `GET /v1/tenants/ten_01k0000000000000000000000z`)).status).toBe(404);
  });
});
