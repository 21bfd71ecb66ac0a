import { type AtHand, documentsAtHand, endUserAtHand, itemsAtHand } from '../compliance/at-hand-store.ts';
import type { Bundle } from '../compliance/bundle-schema.ts';
import { findBundle, mismatchOf } from '../compliance/bundle-store.ts';
import type { EndUser } from '../compliance/schema.ts';
import { findDocument, findEndUser, usedFor } from '../compliance/store.ts';
import { requireDocument } from '../compliance/upload-store.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { Assignment } from '../numbers/schema.ts';
import type { Principal, TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Change } from '../platform/entity.ts';
import type { Write } from '../platform/table.ts';
import { findUser } from '../tenants/store.ts';
import type { NewRequest, NumberRequest } from './schema.ts';

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

/** Papers a request is filed with, each looked up in its tenant (I7). */
export interface Attached {
  readonly endUser: EndUser | undefined;
  readonly bundle: Bundle | undefined;
}

/** Throws 422 when a paper named is not there, or is somebody else's where only own ones count (I7). */
export async function requireDocuments(
  deps: Pick<Deps, 'table' | 'blobs' | 'clock'>,
  scope: TenantScope,
  who: Pick<Principal, 'id' | 'roles'>,
  documents: NewRequest['documents'],
): Promise<void> {
  for (const [index, id] of documents?.entries() ?? [])
    await requireDocument(deps, { scope, who }, id, `#/documents/${index}`);
}

/** The end user and the set named. Throws 422: not there, or a set that was made for something else. */
export async function requireAttached(
  deps: Pick<Deps, 'table'>,
  scope: TenantScope,
  input: NewRequest,
): Promise<Attached> {
  const { endUserId, bundleId, country, type = 'local', numbers = [] } = input;
  const endUser = endUserId ? await findEndUser(deps.table, scope, endUserId) : undefined;
  if (endUserId && !endUser) throw unknown('#/endUserId', 'unknown_end_user', `There is no end user ${endUserId}.`);
  const bundle = bundleId ? await findBundle(deps.table, scope, bundleId) : undefined;
  if (bundleId && !bundle) throw unknown('#/bundleId', 'unknown_bundle', `There is no bundle ${bundleId}.`);
  const carriers = numbers.flatMap(({ carrier }) => (carrier ? [carrier] : []));
  const isOthers = endUserId !== undefined && bundle?.endUserId !== undefined && bundle.endUserId !== endUserId;
  const other = isOthers
    ? 'It was made for another end user.'
    : bundle && mismatchOf(bundle, { country, type, carriers });
  if (other) throw unknown('#/bundleId', 'bundle_mismatch', other);
  return { endUser, bundle };
}

/** Everything a request brings along, as it stands now: for the lists it is asked for, now and later. */
export async function papersAtHand(
  deps: Pick<Deps, 'table'>,
  scope: TenantScope,
  request: Pick<NumberRequest, 'documents' | 'endUserId' | 'bundleId'>,
): Promise<readonly AtHand[]> {
  const { documents = [], endUserId, bundleId } = request;
  const bundle = bundleId && (await findBundle(deps.table, scope, bundleId));
  const ownerId = endUserId ?? (bundle ? bundle.endUserId : undefined);
  const endUser = ownerId && (await findEndUser(deps.table, scope, ownerId));
  return [
    ...(await documentsAtHand(deps.table, scope, documents)),
    ...(bundle ? itemsAtHand(bundle.items) : []),
    ...(endUser ? endUserAtHand(endUser) : []),
  ];
}

/** The writes that tell papers they are used for a request; nobody deletes them after that. */
export async function usedDocumentWrites(
  deps: Pick<Deps, 'table'>,
  scope: TenantScope,
  request: Pick<NumberRequest, 'id' | 'documents'>,
  change: Change,
): Promise<readonly Write[]> {
  const ids = [...new Set(request.documents ?? [])];
  const found = await Promise.all(ids.map((id) => findDocument(deps.table, scope, id)));
  return found.flatMap((document) => (document ? usedFor(document, request.id, change) : []));
}
