import type { JsonObject, Position, Table } from '../platform/table.ts';
import type { AuditView } from './view-schema.ts';

/** Fields that are the carrier's and ours, not the tenant's. */
const INTERNAL = new Set(['carrierNumberId', 'carrierReference', 'generation', 'configured', 'tenantId', 'version']);

/** Audit entries of an object, latest first (I9). */
export async function readAudit(
  table: Table,
  id: string,
  page: { readonly limit: number; readonly after?: Position },
): Promise<{ data: AuditView[]; next?: Position }> {
  const found = await table.query({ pk: `AUD#${id}`, descending: true, ...page });
  const data = found.items.map(({ data: entry }): AuditView => {
    const { before, after, ...rest } = entry as unknown as Omit<AuditView, 'object'>;
    return { object: 'audit_entry', ...rest, before: shown(before), after: shown(after) };
  });
  return { data, ...(found.next === undefined ? {} : { next: found.next }) };
}

const shown = (fields: AuditView['before']): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !INTERNAL.has(name))) as JsonObject;
