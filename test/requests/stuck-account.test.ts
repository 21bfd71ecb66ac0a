import { describe, expect, it } from 'vitest';
import { gatewayLab } from './gateway-lab.ts';

const lab = gatewayLab();
const ACME = 'ten_00000000000000000000000001';

/** A restricted request that was approved while the account may not buy. */
async function held() {
  const made = (await lab.ask('customer', 'POST /v1/number-requests', { body: { country: 'CO' } })).json;
  return {
    id: made.id as string,
    async approve() {
      const before = await lab.ask('cs', `GET /v1/number-requests/${made.id}`);
      const waived = before.json.requirements.map((one: { requirementId: string }) => ({ ...one, reason: 'known' }));
      const body = {
        waived: waived.map(({ requirementId, reason }: { requirementId: string; reason: string }) => ({
          requirementId,
          reason,
        })),
      };
      const ifMatch = before.headers.get('etag') ?? '';
      expect((await lab.ask('cs', `POST /v1/number-requests/${made.id}/approval`, { body, ifMatch })).status).toBe(200);
      return lab.until(made.id, (view) => view.hold !== undefined);
    },
  };
}

describe('an account that may buy again', () => {
  it('P17: its requests on hold go on at once when the suspension ends', async () => {
    const { id, approve } = await held();
    expect((await lab.ask('operator', `POST /v1/tenants/${ACME}/suspension`, { body: { reason: 'x' } })).status).toBe(
      200,
    );
    expect(await approve()).toMatchObject({ hold: { reason: 'tenant_suspended' } });

    expect((await lab.ask('operator', `DELETE /v1/tenants/${ACME}/suspension`)).status).toBe(204);

    await lab.until(id, (view) => view.hold === undefined && view.state !== 'classified');
  });

  it('P17: likewise when the bill is paid, and when a payment method is valid again', async () => {
    const { id, approve } = await held();
    const bill = (body: object) => lab.ask('operator', 'PUT /v1/tenant/billing', { body });
    expect((await bill({ paymentMethod: 'expired', standing: 'past_due' })).status).toBe(200);
    expect(await approve()).toMatchObject({ hold: { reason: 'payment_method_missing' } });

    await bill({ paymentMethod: 'valid', standing: 'past_due' });
    await lab.gateway.idle();
    expect((await lab.view(id)).hold).toBeDefined();
    await bill({ paymentMethod: 'valid', standing: 'good' });

    await lab.until(id, (view) => view.hold === undefined && view.state !== 'classified');
  });
});

describe('the number of a new user', () => {
  const user = async (email: string, preferredAreaCode: string) => {
    const body = { name: 'Dwight S.', email, preferredAreaCode, country: 'GB' };
    const made = await lab.ask('admin', 'POST /v1/users', { body });
    expect(made.status, JSON.stringify(made.json)).toBe(201);
    expect(made.json).toMatchObject({ state: 'provisioning', numberIds: [] });
    const read = async () => (await lab.ask('admin', `GET /v1/users/${made.json.id}`)).json;
    await expect.poll(async () => (await read()).state, { timeout: 8000 }).toBe('active');
    return read();
  };

  it('S0-1 S0-2: active with one number of the preferred area once it is bought', async () => {
    const shown = await user('dwight@acme.example', '1223');

    expect(shown.numberIds).toHaveLength(1);
    expect(shown).not.toHaveProperty('areaCodeFallback');
    const number = (await lab.ask('admin', `GET /v1/numbers/${shown.numberIds[0]}`)).json;
    expect(number).toMatchObject({ areaCode: '1223', assignment: { target: { id: shown.extensionId } } });
  });

  it('S0-2: without stock in that area another one, and the fallback is recorded', async () => {
    const shown = await user('kevin@acme.example', '1954');

    const number = (await lab.ask('admin', `GET /v1/numbers/${shown.numberIds[0]}`)).json;
    expect(number.areaCode).not.toBe('1954');
    expect(shown.areaCodeFallback).toBe(number.areaCode);
    const { data } = (await lab.ask('admin', 'GET /v1/users')).json;
    expect(data).toContainEqual(expect.objectContaining({ id: shown.id, areaCodeFallback: number.areaCode }));
  });

  it('S0-3: when no number comes the user is asked for a preference again, and only that files anew', async () => {
    await lab.changeTenant({ numberLimit: 50 });
    for (const carrier of ['telnyx', 'twilio', 'vonage'])
      await lab.control(`${carrier}/faults`, { fault: 'server_error', on: 'search', times: 1000 });
    const body = { name: 'Toby F.', email: 'toby@acme.example', preferredAreaCode: '1223', country: 'GB' };
    const made = (await lab.ask('admin', 'POST /v1/users', { body })).json;
    const read = async () => (await lab.ask('admin', `GET /v1/users/${made.id}`)).json;
    const { data } = (await lab.ask('admin', 'GET /v1/number-requests?sort=-createdAt&limit=1')).json;
    expect((await lab.ask('cs', `POST /v1/number-requests/${data[0].id}/cancellation`)).status).toBe(200);

    await expect.poll(async () => (await read()).state, { timeout: 8000 }).toBe('preference_needed');
    await lab.control('reset', {});
    await lab.ask('admin', `PATCH /v1/users/${made.id}`, { body: { name: 'Toby' } });
    expect(await read()).toMatchObject({ state: 'preference_needed' });
    await lab.ask('admin', `PATCH /v1/users/${made.id}`, { body: { preferredAreaCode: '161' } });
    await expect.poll(async () => (await read()).state, { timeout: 8000 }).toBe('active');
  });
});
