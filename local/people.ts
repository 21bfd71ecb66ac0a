import { CountryCode } from '../functions/domain/country.ts';
import { ExtensionId, TenantId, UserId } from '../functions/domain/ids.ts';
import { tenantScope } from '../functions/platform/auth.ts';
import type { Deps } from '../functions/platform/deps.ts';
import type { Actor } from '../functions/platform/entity.ts';
import { ConditionFailed, type Table, type Write } from '../functions/platform/table.ts';
import { newTenant } from '../functions/tenants/new-tenant.ts';
import type { User } from '../functions/tenants/schema.ts';
import {
  extensionNumberWrite,
  extensions,
  newCounter,
  subjectWrite,
  tenants,
  users,
} from '../functions/tenants/store.ts';
import type { Person } from './engine/sign-in-people.ts';

const SEEDER: Actor = { kind: 'system', id: 'numbergate', name: 'First start' };
/** Fixed ids: a restart finds the same people, and documentation may name them. */
const fixed = (prefix: string, n: number): string => `${prefix}_0000000000000000000000000${n}`;

interface Ready {
  readonly n: number;
  readonly email: string;
  readonly name: string;
  readonly role: Person['roles'][number];
  readonly tenant?: number;
  readonly extension?: string;
}
const TENANTS = [
  { n: 1, name: 'Acme' },
  { n: 2, name: 'Globex' },
];
const PEOPLE: readonly Ready[] = [
  { n: 1, email: 'customer@acme.example', name: 'Pam Beesly', role: 'customer', tenant: 1, extension: '1001' },
  { n: 2, email: 'admin@acme.example', name: 'Alex Admin', role: 'tenant_admin', tenant: 1, extension: '1002' },
  { n: 3, email: 'admin@globex.example', name: 'Gwen Admin', role: 'tenant_admin', tenant: 2, extension: '1001' },
  { n: 4, email: 'cs@numbergate.example', name: 'Chris Success', role: 'customer_success' },
  { n: 5, email: 'cs2@numbergate.example', name: 'Sam Success', role: 'customer_success' },
  { n: 6, email: 'operator@numbergate.example', name: 'Olga Operator', role: 'operator' },
];

/** Writes the ready-made tenants and people of api-map §1 once; a start that finds them changes nothing. */
export async function seedPeople(deps: Pick<Deps, 'table' | 'clock'>, issuer: string): Promise<void> {
  const at = deps.clock.now();
  for (const one of TENANTS) await once(deps.table, tenantWrites(one, at));
  for (const one of PEOPLE) {
    await once(deps.table, personWrites(one, userOf(one, at), at));
  }
  // The subject depends on the address of this installation, which may change between starts.
  for (const user of await listUsers(deps.table)) await deps.table.write([subjectWrite(issuer, user.id, user)]);
}

async function once(table: Table, writes: readonly Write[]): Promise<void> {
  try {
    await table.write(writes);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

/** A ready-made tenant: in order, in Great Britain, with room for fifty numbers (api-map §1). Pure. */
export function readyTenant(id: TenantId, name: string, at: Date): ReturnType<typeof newTenant> {
  const country = CountryCode.parse('GB');
  const plain = {
    name,
    country,
    timeZone: 'Europe/London',
    currency: 'USD',
    numberLimit: 50,
    paymentMethod: 'valid',
  } as const;
  const features = { callerNumberAnonymization: true, tenantMaintainsCallerNumbers: true, ouIsolation: false };
  return { ...newTenant(id, plain, at), features };
}

function tenantWrites({ n, name }: (typeof TENANTS)[number], at: Date): readonly Write[] {
  const id = TenantId.parse(fixed('ten', n));
  const made = tenants.create(readyTenant(id, name, at), { action: 'created', actor: SEEDER, at });
  return [...made.writes, newCounter(tenantScope(id))];
}

function userOf(one: Ready, at: Date): Omit<User, 'version'> {
  const stamp = at.toISOString();
  return {
    id: UserId.parse(fixed('usr', one.n)),
    object: 'user',
    ...(one.tenant ? { tenantId: TenantId.parse(fixed('ten', one.tenant)) } : {}),
    name: one.name,
    email: one.email,
    roles: [one.role],
    permissions: [],
    kind: 'person',
    ...(one.extension ? { extensionId: ExtensionId.parse(fixed('ext', one.n)) } : {}),
    state: 'active',
    createdAt: stamp,
    updatedAt: stamp,
  };
}

function personWrites(one: Ready, user: Omit<User, 'version'>, at: Date): readonly Write[] {
  const change = { action: 'created', actor: SEEDER, at };
  const stamp = at.toISOString();
  const made = users.create(user, change).writes;
  if (!one.extension || !user.tenantId || !user.extensionId) return made;
  const extension = extensions.create(
    {
      id: user.extensionId,
      object: 'extension',
      tenantId: user.tenantId,
      extension: one.extension,
      userId: user.id,
      createdAt: stamp,
      updatedAt: stamp,
    },
    change,
  );
  return [...made, ...extension.writes, extensionNumberWrite(extension.record)];
}

/** Everybody who can sign in here, by e-mail. */
export const listPeople = (table: Table): Promise<readonly Person[]> => listUsers(table);

async function listUsers(table: Table): Promise<readonly User[]> {
  const found: User[] = [];
  let after: string | undefined;
  do {
    const page = await table.queryIndex('list3', { pk: 'PEOPLE', limit: 200, ...(after ? { after } : {}) });
    found.push(...page.items.map((item) => users.parse(item)));
    after = page.next;
  } while (after);
  return found;
}
