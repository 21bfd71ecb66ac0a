import type { Manifest } from '../carriers/port.ts';
import type { ApiDeps } from '../contract/api-deps.ts';
import { isCountry, policyOf } from '../countries/store.ts';
import type { CountryClass } from '../domain/country.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { BundleId, EndUserId } from '../domain/ids.ts';
import type { Principal, TenantScope } from '../platform/auth.ts';
import type { Change } from '../platform/entity.ts';
import type { Write } from '../platform/table.ts';
import type { ItemChange } from './bundle-items.ts';
import type { Bundle } from './bundle-schema.ts';
import type { EndUser } from './schema.ts';
import { findEndUser, usedInBundle } from './store.ts';
import { requireDocument } from './upload-store.ts';

/** What the bundle lines need beside the platform: what each carrier can do, as data; none of them is called. */
export interface BundleDeps extends ApiDeps {
  readonly manifests: readonly Manifest[];
}
type Wanted = Pick<Bundle, 'country' | 'type' | 'action' | 'carrier'>;

const invalid = (code: string, pointer: string, detail: string): InvalidInput =>
  new InvalidInput({ code, detail, errors: [{ pointer, code, detail }] });

/** Throws 422: no country, no carrier of ours, or one that takes no sets of papers for it (Vonage has none). */
export function requirePapersCarrier(manifests: readonly Manifest[], wanted: Wanted): Manifest {
  const { country, type, action, carrier } = wanted;
  if (!isCountry(country)) throw invalid('invalid_input', '#/country', `${country} is not a country.`);
  const manifest = manifests.find((one) => one.id === carrier);
  if (!manifest) throw invalid('unknown_carrier', '#/carrier', `There is no carrier ${carrier} here.`);
  // The first row that names the country rules: a later one is for everywhere else.
  const row = manifest.capabilities.find(
    (one) => (one.countries === '*' || one.countries.includes(country)) && one.types.includes(type),
  );
  if ((manifest.manual || row?.papers) && action === 'ordering') return manifest;
  const what = action === 'porting' ? 'for porting' : `for ${type.replace('_', '-')} numbers of ${country}`;
  throw invalid('papers_not_supported', '#/carrier', `${manifest.name} takes no sets of papers ${what}.`);
}

/** The class of the bundle's country: before an agreement no carrier hears of restricted and unlisted ones (S0-42). */
export async function classOf(
  deps: Pick<ApiDeps, 'table'>,
  scope: TenantScope,
  bundle: Pick<Bundle, 'country'>,
  at: Date,
): Promise<CountryClass> {
  return (await policyOf(deps.table, scope, bundle.country, at)).class;
}
export const isOpenClass = (of: CountryClass): boolean => of === 'standard' || of === 'special';

/** Throws 422 when the end user named is nobody here. */
export async function requireEndUser(
  deps: Pick<ApiDeps, 'table'>,
  scope: TenantScope,
  id: EndUserId | null | undefined,
): Promise<EndUser | undefined> {
  if (!id) return undefined;
  const found = await findEndUser(deps.table, scope, id);
  if (!found) throw invalid('unknown_end_user', '#/endUserId', `There is no end user ${id}.`);
  return found;
}

/** The papers that are put into a set now: each has to be there; the writes tell them where they are used. */
export async function documentWrites(
  deps: BundleDeps,
  call: { readonly scope: TenantScope; readonly who: Principal },
  bundle: BundleId,
  items: readonly ItemChange[],
  change: Change,
): Promise<readonly Write[]> {
  const writes = new Map<string, readonly Write[]>();
  for (const [index, { documentId }] of items.entries()) {
    if (!documentId) continue;
    const document = await requireDocument(deps, call, documentId, `#/items/${index}/documentId`);
    writes.set(documentId, usedInBundle(document, bundle, change));
  }
  return [...writes.values()].flat();
}
