import { statusOf } from './lifecycle.ts';
import type { NumberQuery } from './list-schema.ts';
import type { NumberRecord } from './schema.ts';
import type { NumberRow } from './store.ts';

type Filters = Omit<NumberQuery, 'limit' | 'cursor' | 'sort'>;

const any = <T extends string>(allowed: readonly T[] | undefined, value: string | undefined): boolean =>
  allowed === undefined || allowed.some((one) => one === value);

/** Whether a row can belong to a list with these filters: all that the row alone tells. */
export function rowMatches(row: NumberRow, state: NumberRecord['state'], filters: Filters): boolean {
  const status = statusOf(state);
  return (
    status !== undefined &&
    any(filters.status, status) &&
    any(filters.country, row.country) &&
    any(filters.carrier, row.carrier) &&
    any(filters.ownership, row.ownership) &&
    any(filters.routedTo, row.routedTo) &&
    (filters.tag === undefined || filters.tag.some((tag) => row.tags.includes(tag))) &&
    (filters.reference === undefined || row.reference === filters.reference) &&
    filters.ouId === undefined &&
    (filters.assigned === undefined || filters.assigned === (row.routedTo !== 'none')) &&
    (filters.serviceNumber === undefined || filters.serviceNumber === row.serviceNumber) &&
    isWithin(row.createdAt, filters) &&
    (filters.q === undefined || isFound(row, filters.q))
  );
}

/** `attention=true` and `false` ask for any and none; other values name kinds. */
export function attentionMatches(attention: readonly string[], wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined) return true;
  const some = attention.length > 0;
  return wanted.some((one) => (one === 'true' ? some : one === 'false' ? !some : attention.includes(one)));
}

function isWithin(createdAt: string, { createdAfter, createdBefore }: Filters): boolean {
  const at = Date.parse(createdAt);
  return (
    (createdAfter === undefined || at > Date.parse(createdAfter)) &&
    (createdBefore === undefined || at < Date.parse(createdBefore))
  );
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Digits in any notation ("01223 555", "+44 (0)1223-555"), or part of the name or reference. */
function isFound(row: NumberRow, q: string): boolean {
  if (fold(row.name).includes(fold(q)) || fold(row.reference).includes(fold(q))) return true;
  if (!/^[\d\s()+./-]+$/.test(q)) return false;
  const digits = q.replace('(0)', '').replaceAll(/\D/g, '').replace(/^0+/, '');
  return digits !== '' && row.number.includes(digits);
}
