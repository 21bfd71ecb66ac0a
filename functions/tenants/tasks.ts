import * as z from 'zod';
import { Conflict, InvalidInput, NotFound } from '../domain/errors.ts';
import { ExtensionId, newId, TenantId, UserId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Change } from '../platform/entity.ts';
import type { Write } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import { NewTenant } from './input-schema.ts';
import { emailWrite, findByEmail } from './list-store.ts';
import { newTenant } from './new-tenant.ts';
import { freeDigits } from './new-user.ts';
import { Extension, RoleName, type User } from './schema.ts';
import { extensionNumberWrite, extensions, findTenant, newCounter, subjectKey, tenants, users } from './store.ts';

/** What the tasks of an installation's owner get: started by hand, guarded by the right to call the function. */
export interface OwnerDeps extends Pick<Deps, 'table' | 'clock'> {
  /** The issuer people sign in at, exactly as in its tokens. */
  readonly issuer: string;
}
const changeAt = (at: Date): Change => ({
  action: 'created',
  actor: { kind: 'system', id: 'numbergate', name: 'Owner of the installation' },
  at,
});

/** A tenant before anybody can sign in. With an id of the caller's, a repeat finds what the first try made. */
const createTenant = task({
  name: 'CreateTenant',
  input: z.strictObject({ tenantId: TenantId.optional(), ...NewTenant.shape }),
  output: z.object({ tenantId: TenantId, created: z.boolean() }),
  async run({ tenantId, ...input }, { table, clock }: OwnerDeps) {
    const at = clock.now();
    const id = tenantId ?? TenantId.parse(newId('ten', at));
    if (tenantId && (await findTenant(table, tenantScope(tenantId)))) return { tenantId, created: false };
    const { writes } = tenants.create(newTenant(id, input, at), changeAt(at));
    await table.write([...writes, newCounter(tenantScope(id))]);
    return { tenantId: id, created: true };
  },
});

const PersonInput = z.strictObject({
  /** Absent: staff of the platform. */
  tenantId: TenantId.optional(),
  name: z.string().trim().min(1).max(100),
  email: z.email().max(200),
  roles: z.array(RoleName).min(1),
  /** `sub` of the person's tokens. */
  subject: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^#\s]+$/, 'without # and spaces'),
  /** Digits; default the first free ones. Tenants' people only. */
  extension: Extension.shape.extension.optional(),
});
type PersonInput = z.output<typeof PersonInput>;

/**
 * Somebody who can sign in: the user, if there is none with this address, and the record that leads from issuer and subject to
 * it. Roles and tenant of a user that exists stay as they are. A repeat changes nothing.
 * Throws InvalidInput, NotFound (tenant), Conflict `already_exists` (address of another tenant, subject of another person).
 */
const addPerson = task({
  name: 'AddPerson',
  input: PersonInput,
  output: z.object({ userId: UserId, created: z.boolean() }),
  async run(input, { table, clock, issuer }: OwnerDeps) {
    const at = clock.now();
    const found = await findByEmail(table, input.email);
    if (found && found.tenantId !== input.tenantId) throw taken('The address belongs to somebody of another tenant.');
    const made = found ? { user: found, writes: [] } : await newPerson({ table }, input, at);
    const linked = (await table.get(subjectKey(issuer, input.subject)))?.data['userId'];
    if (linked !== undefined && linked !== made.user.id) throw taken('The subject is somebody else already.');
    await table.write([...made.writes, linkWrite(issuer, input.subject, made.user)]);
    return { userId: made.user.id, created: found === undefined };
  },
});

const taken = (detail: string): Conflict => new Conflict({ code: 'already_exists', detail });

const linkWrite = (issuer: string, subject: string, { id, tenantId }: Pick<User, 'id' | 'tenantId'>): Write => ({
  op: 'put',
  key: subjectKey(issuer, subject),
  data: { userId: id, ...(tenantId ? { tenantId } : {}) },
  when: [{ is: 'absent_or_equals', field: 'userId', value: id }],
});

async function newPerson(
  { table }: Pick<Deps, 'table'>,
  input: PersonInput,
  at: Date,
): Promise<{ readonly user: User; readonly writes: readonly Write[] }> {
  const { tenantId, name, email, roles } = input;
  const own = tenantId ? ['customer', 'tenant_admin'] : ['customer_success', 'operator'];
  if (!roles.every((role) => own.includes(role)))
    throw new InvalidInput({ code: 'invalid_input', detail: `Here the roles are ${own.join(' and ')}.` });
  if (tenantId && !(await findTenant(table, tenantScope(tenantId))))
    throw new NotFound({ code: 'not_found', detail: `There is no tenant ${tenantId}.` });
  const stamp = { createdAt: at.toISOString(), updatedAt: at.toISOString() };
  const id = UserId.parse(newId('usr', at));
  const person = { id, object: 'user', name, email, roles, kind: 'person', state: 'active', ...stamp } as const;
  if (!tenantId) {
    const { record, writes } = users.create({ ...person, roles, permissions: [] }, changeAt(at));
    return { user: record, writes: [emailWrite(record), ...writes] };
  }
  const extensionId = ExtensionId.parse(newId('ext', at));
  const digits = input.extension ?? (await freeDigits(table, tenantScope(tenantId)));
  const user = users.create({ ...person, roles, permissions: [], tenantId, extensionId }, changeAt(at));
  const extension = extensions.create(
    { id: extensionId, object: 'extension', tenantId, extension: digits, userId: id, ...stamp },
    changeAt(at),
  );
  const claims = [emailWrite(user.record), extensionNumberWrite(extension.record)];
  return { user: user.record, writes: [...claims, ...user.writes, ...extension.writes] };
}

/** What is done by hand before anybody can sign in (docs/deploy.md); the jobs function runs it. */
export const ownerTasks = [createTenant, addPerson] as const;
