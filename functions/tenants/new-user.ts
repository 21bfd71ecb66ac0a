import { Conflict } from '../domain/errors.ts';
import { ExtensionId, newId, UserId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { ConditionFailed, type Table, type Write } from '../platform/table.ts';
import { type Acting, changeBy, present, type TenantDeps } from './act.ts';
import type { NewUser } from './input-schema.ts';
import { emailWrite, isEmailTaken, takenDigits } from './list-store.ts';
import type { Extension, User } from './schema.ts';
import { extensionNumberWrite, extensions, findTenant, subjectWrite, users } from './store.ts';

const FIRST_EXTENSION = 1001;
const LAST_EXTENSION = 9999;
const ROUNDS = 5;

/**
 * Makes a user with an extension and, where an area code is preferred, files the request for a number in the same
 * transaction; without one nothing is bought (S0-1, S0-3). Throws Conflict `extension_in_use`, `already_exists`.
 * @param complete the idempotency record of the answer
 */
export async function makeUser(
  deps: TenantDeps,
  call: Acting,
  input: NewUser,
  complete: (user: User) => Promise<readonly Write[]>,
): Promise<User> {
  for (let round = 1; ; round++) {
    if (await isEmailTaken(deps.table, input.email)) throw emailTaken();
    const digits = input.extension ?? (await freeDigits(deps.table, call.scope));
    const made = await writesOf(deps, call, input, digits);
    try {
      await deps.table.write([...made.writes, ...(await complete(made.user))]);
      return made.user;
    } catch (error) {
      const refusal = refusalOf(error, digits);
      if (!refusal) throw error;
      const mayRepeat = refusal.code === 'extension_in_use' && input.extension === undefined && round < ROUNDS;
      if (!mayRepeat) throw refusal;
    }
  }
}

/** What a failed transaction means: the first write is the address, the second the digits. */
function refusalOf(error: unknown, digits: string): Conflict | undefined {
  if (!(error instanceof ConditionFailed)) return undefined;
  if (error.failed.includes(0)) return emailTaken();
  return error.failed.includes(1) ? digitsTaken(digits) : undefined;
}

async function writesOf(deps: TenantDeps, call: Acting, input: NewUser, digits: string) {
  const { scope, now } = call;
  const stamp = { createdAt: now.toISOString(), updatedAt: now.toISOString() };
  const change = changeBy(call, 'created');
  const userId = UserId.parse(newId('usr', now));
  const extensionId = ExtensionId.parse(newId('ext', now));
  const { extension: _given, ...person } = input;
  const plain = { ...person, id: userId, object: 'user' as const, tenantId: scope.tenantId, extensionId, ...stamp };
  const request = await requestWrites(deps, call, { ...plain, state: 'preference_needed', version: 1 });
  const user = users.create({ ...plain, state: request ? 'provisioning' : 'preference_needed' }, change);
  const extension = extensions.create(
    { id: extensionId, object: 'extension', tenantId: scope.tenantId, extension: digits, userId, ...stamp },
    change,
  );
  const writes = [
    emailWrite(user.record),
    extensionNumberWrite(extension.record),
    ...user.writes,
    ...extension.writes,
    ...signInWrites(deps, user.record),
    ...(request ?? []),
  ];
  return { user: user.record, writes };
}

/** On one machine our own issuer names people by our id; elsewhere the issuer's name is learnt at the first sign-in. */
const signInWrites = (deps: TenantDeps, user: User): readonly Write[] =>
  deps.settings.engine === 'local' ? [subjectWrite(deps.settings.publicUrl, user.id, user)] : [];

/** The request for the one number of a user who named an area code; undefined when none is to be filed. */
export async function requestWrites(deps: TenantDeps, call: Acting, user: User): Promise<readonly Write[] | undefined> {
  const { preferredAreaCode: areaCode, extensionId, id, name } = user;
  if (!deps.fileNumberRequest || areaCode === undefined || extensionId === undefined) return undefined;
  const tenant = present(await findTenant(deps.table, call.scope), 'tenant');
  const { scope, who, now: at } = call;
  const country = user.country ?? tenant.country;
  return deps.fileNumberRequest({ scope, who, at, user: { id, name }, extensionId, country, areaCode });
}

/** The first four-digit extension nobody has. Throws Conflict `extension_in_use`. */
export async function freeDigits(table: Table, scope: TenantScope): Promise<string> {
  const taken = await takenDigits(table, scope);
  for (let digits = FIRST_EXTENSION; digits <= LAST_EXTENSION; digits++)
    if (!taken.has(String(digits))) return String(digits);
  throw new Conflict({ code: 'extension_in_use', detail: 'No four-digit extension is free; name one yourself.' });
}

export const digitsTaken = (digits: Extension['extension']): Conflict =>
  new Conflict({
    code: 'extension_in_use',
    detail: `The extension ${digits} is taken.`,
    errors: [{ pointer: '#/extension', code: 'extension_in_use', detail: 'is taken' }],
  });

/** Says nothing about who has the address: it may be another tenant's person (I7). */
export const emailTaken = (): Conflict =>
  new Conflict({
    code: 'already_exists',
    detail: 'The e-mail address cannot be used; choose another.',
    errors: [{ pointer: '#/email', code: 'already_exists', detail: 'cannot be used' }],
  });
