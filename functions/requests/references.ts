import { findDocument } from '../compliance/store.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { Assignment } from '../numbers/schema.ts';
import type { Principal, TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { findUser } from '../tenants/store.ts';
import type { NewRequest } from './schema.ts';

const unknown = (pointer: string, code: string, detail: string): InvalidInput =>
  new InvalidInput({ code, detail, errors: [{ pointer, code, detail }] });

/** Throws 422 when somebody who shall present a shared number is nobody of this tenant (I7). */
export async function requirePresenters(
  deps: Pick<Deps, 'table'>,
  scope: TenantScope,
  presentableBy: Assignment['presentableBy'],
): Promise<void> {
  const at = '#/assignment/presentableBy';
  if (presentableBy && presentableBy.ouIds.length > 0)
    throw unknown(`${at}/ouIds/0`, 'unknown_target', 'There is no such organisation unit.');
  for (const [index, id] of presentableBy?.users.entries() ?? [])
    if (!(await findUser(deps.table, scope, id)))
      throw unknown(`${at}/users/${index}`, 'unknown_target', 'There is no such user.');
}

/** Throws 422 when a paper named does not exist here, or is somebody else's where only own ones count (I7). */
export async function requireDocuments(
  deps: Pick<Deps, 'table'>,
  scope: TenantScope,
  who: Pick<Principal, 'id' | 'roles'>,
  documents: NewRequest['documents'],
): Promise<void> {
  const onlyOwn = who.roles.every((role) => role === 'customer');
  for (const [index, id] of documents?.entries() ?? []) {
    const found = await findDocument(deps.table, scope, id);
    if (!found || (onlyOwn && found.uploadedBy !== who.id))
      throw unknown(`#/documents/${index}`, 'unknown_document', `There is no document ${id}.`);
  }
}
