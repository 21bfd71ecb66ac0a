import type { RequirementItem } from '../carriers/papers-port.ts';
import type { CountryCode, NumberType, Subject } from '../domain/country.ts';
import type { BundleId, DocumentId, EndUserId, RequestId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { entity } from '../platform/entity.ts';
import type { Table, Write } from '../platform/table.ts';
import regulatory from './data/regulatory-requirements.json' with { type: 'json' };
import { DocumentRecord, EndUser } from './schema.ts';

export const documents = entity({
  name: 'document',
  schema: DocumentRecord,
  key: (document) => ({ pk: `TEN#${document.tenantId}`, sk: `DOC#${document.id}` }),
  indexes: (document) => ({
    list2: { pk: `TEN#${document.tenantId}#DOC`, sk: document.id },
    ...(document.numberRequestId
      ? { list3: { pk: `TEN#${document.tenantId}#DOC#${document.numberRequestId}`, sk: document.id } }
      : {}),
  }),
  auditId: (document) => document.id,
});
export const findDocument = (table: Table, scope: TenantScope, id: DocumentId): Promise<DocumentRecord | undefined> =>
  documents.find(table, { pk: `TEN#${scope.tenantId}`, sk: `DOC#${id}` });

/** Every request a paper was announced or handed in for. Pure. */
export const requestsOf = (document: DocumentRecord): readonly RequestId[] => [
  ...new Set([...(document.numberRequestId ? [document.numberRequestId] : []), ...(document.usedBy ?? [])]),
];
/** The writes that tell a paper it was handed in for a request; none when it knows. */
export function usedFor(
  document: DocumentRecord,
  request: RequestId,
  change: Parameters<typeof documents.replace>[2],
): readonly Write[] {
  if (requestsOf(document).includes(request)) return [];
  const use = document.numberRequestId
    ? { usedBy: [...(document.usedBy ?? []), request] }
    : { numberRequestId: request };
  return documents.replace(document, { ...document, ...use, updatedAt: change.at.toISOString() }, change).writes;
}
/** The writes that tell a paper it was put into a set; none when it knows. */
export function usedInBundle(
  document: DocumentRecord,
  bundle: BundleId,
  change: Parameters<typeof documents.replace>[2],
): readonly Write[] {
  const before = document.inBundles ?? [];
  if (before.includes(bundle)) return [];
  const after = { ...document, inBundles: [...before, bundle], updatedAt: change.at.toISOString() };
  return documents.replace(document, after, change).writes;
}

export const endUsers = entity({
  name: 'end_user',
  schema: EndUser,
  key: (endUser) => ({ pk: `TEN#${endUser.tenantId}`, sk: `EUS#${endUser.id}` }),
  indexes: (endUser) => ({ list2: { pk: `TEN#${endUser.tenantId}#EUS`, sk: endUser.id } }),
  auditId: (endUser) => endUser.id,
});
export const findEndUser = (table: Table, scope: TenantScope, id: EndUserId): Promise<EndUser | undefined> =>
  endUsers.find(table, { pk: `TEN#${scope.tenantId}`, sk: `EUS#${id}` });

interface RawRequirement {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly description: string;
  readonly scope?: string | null;
  readonly acceptedEvidence?: readonly string[] | null;
  readonly maxAgeMonths?: number | null;
}
interface RawList {
  readonly requirements: readonly RawRequirement[] | null;
  /** Whom the list is for; absent: anybody. */
  readonly subjects?: readonly string[] | null;
}
interface RawCountry {
  readonly numberTypes: Readonly<Record<string, RawList | undefined>>;
}
const COUNTRIES = regulatory as unknown as Readonly<Record<string, RawCountry | undefined>>;

/**
 * What the data file says is needed, for when no carrier can be asked. `known: false` means nobody knows the list
 * (the file's `null`, no entry, or a list for others than this subject), never "none" (regulatory §7).
 */
export function defaultRequirements(
  country: CountryCode,
  type: NumberType,
  subject: Subject,
): { readonly known: true; readonly items: readonly RequirementItem[] } | { readonly known: false } {
  const { requirements: listed, subjects } = COUNTRIES[country]?.numberTypes[type] ?? {};
  if (!listed) return { known: false };
  if (listed.length > 0 && subjects && !subjects.includes(subject)) return { known: false };
  return { known: true, items: listed.filter((one) => one.subject === subject || one.subject === 'any').map(toItem) };
}

function toItem(raw: RawRequirement): RequirementItem {
  return {
    requirementId: raw.id,
    kind: raw.kind === 'document' || raw.kind === 'address' ? raw.kind : 'text',
    name: raw.id.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase()),
    description: raw.description,
    required: true,
    acceptedEvidence: raw.acceptedEvidence ?? [],
    ...(raw.maxAgeMonths ? { maxAgeMonths: raw.maxAgeMonths } : {}),
    ...(raw.scope ? { addressScope: raw.scope as NonNullable<RequirementItem['addressScope']> } : {}),
  };
}
