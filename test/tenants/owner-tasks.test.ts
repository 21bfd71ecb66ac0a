import { describe, expect, it } from 'vitest';
import { TenantId } from '../../functions/domain/ids.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import { onTask } from '../../functions/platform/on-task.ts';
import { findPrincipal } from '../../functions/tenants/principal-store.ts';
import { findTenant, readCounter } from '../../functions/tenants/store.ts';
import { ownerTasks } from '../../functions/tenants/tasks.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';

const ISSUER = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc';
const ACME = TenantId.parse('ten_01k0000000000000000000000a');
const GLOBEX = TenantId.parse('ten_01k0000000000000000000000b');

function house() {
  const clock = testClock();
  const table = openTable({ path: ':memory:', clock });
  const run = onTask([...ownerTasks], { table, clock, issuer: ISSUER });
  const call = (task: string, input: object) => run({ task, input }) as Promise<Record<string, unknown>>;
  const tenant = (tenantId: TenantId) => call('CreateTenant', { tenantId, name: 'Acme', country: 'GB' });
  const person = (subject: string, more: object = {}) =>
    call('AddPerson', {
      ...{ name: 'Pam Beesly', email: 'pam@acme.example', roles: ['customer'], tenantId: ACME, subject },
      ...more,
    });
  return { clock, table, call, tenant, person, who: (subject: string) => findPrincipal(table, ISSUER, subject) };
}
const OLGA = { name: 'Olga', email: 'olga@numbergate.example', roles: ['operator'], tenantId: undefined };

describe('the first tenant', () => {
  it('is made with its counter, and found again by a repeat with its id', async () => {
    const { table, tenant, call } = house();

    expect(await tenant(ACME)).toEqual({ tenantId: ACME, created: true });
    expect(await tenant(ACME)).toEqual({ tenantId: ACME, created: false });
    expect(await findTenant(table, tenantScope(ACME))).toMatchObject({ name: 'Acme', state: 'active', version: 1 });
    expect(await readCounter(table, tenantScope(ACME))).toEqual({ used: 0, held: 0, taken: 0 });
    expect(await call('CreateTenant', { name: 'Globex', country: 'US' })).toMatchObject({ created: true });
  });
});

describe('a person', () => {
  it('of a tenant signs in with the roles of our record, and has an extension', async () => {
    const { table, tenant, person, who } = house();
    await tenant(ACME);

    const made = await person('sub-1');

    expect(made).toMatchObject({ created: true });
    expect(await who('sub-1')).toMatchObject({ id: made['userId'], roles: ['customer'], tenantId: ACME });
    expect(await table.get({ pk: `TEN#${ACME}`, sk: 'EXTNUM#1001' })).toBeDefined();
    expect(await findPrincipal(table, 'https://another.example', 'sub-1')).toBeUndefined();
    expect(await who('sub-2')).toBeUndefined();
  });

  it('of the platform belongs to no tenant', async () => {
    const { person, who } = house();

    await person('sub-9', OLGA);

    const olga = await who('sub-9');
    expect(olga).toMatchObject({ roles: ['operator'], email: 'olga@numbergate.example' });
    expect(olga).not.toHaveProperty('tenantId');
  });

  it('added twice is one, and keeps the roles it has', async () => {
    const { tenant, person, who } = house();
    await tenant(ACME);
    const first = await person('sub-1');

    const again = await person('sub-1', { roles: ['tenant_admin'], email: 'Pam@Acme.example' });

    expect(again).toEqual({ userId: first['userId'], created: false });
    expect(await who('sub-1')).toMatchObject({ roles: ['customer'] });
  });

  it('that moved to another subject signs in by both', async () => {
    const { tenant, person, who } = house();
    await tenant(ACME);
    const { userId } = await person('sub-1');

    await person('sub-2');

    expect((await who('sub-1'))?.id).toBe(userId);
    expect((await who('sub-2'))?.id).toBe(userId);
  });

  it('cannot take over another one’s subject or address', async () => {
    const { tenant, person, who } = house();
    await tenant(ACME);
    await tenant(GLOBEX);
    const { userId } = await person('sub-1');

    await expect(person('sub-1', { email: 'other@acme.example' })).rejects.toMatchObject({ code: 'already_exists' });
    await expect(person('sub-3', { tenantId: GLOBEX })).rejects.toMatchObject({ code: 'already_exists' });
    await expect(person('sub-4', { ...OLGA, email: 'pam@acme.example' })).rejects.toMatchObject({
      code: 'already_exists',
    });
    expect((await who('sub-1'))?.id).toBe(userId);
    expect(await who('sub-3')).toBeUndefined();
  });

  it('gets no role of the other side', async () => {
    const { tenant, person } = house();
    await tenant(ACME);

    await expect(person('s', { roles: ['operator'] })).rejects.toMatchObject({ name: 'InvalidInput' });
    await expect(person('s', { ...OLGA, roles: ['tenant_admin'] })).rejects.toMatchObject({ name: 'InvalidInput' });
    await expect(person('s', { tenantId: GLOBEX })).rejects.toMatchObject({ name: 'NotFound' });
    await expect(person('a#b')).rejects.toMatchObject({ name: 'ZodError' });
  });
});
