import type { Assignment, NumberRecord } from './schema.ts';
import type { NumberRow } from './store.ts';

/** How a target is shown in lists: kind, and its name as people know it. */
export interface TargetLabel {
  readonly routedTo: 'workflow' | 'extension' | 'queue' | 'forward' | 'voicemail' | 'none';
  /** As in "Extension: Pam B."; empty when routed to nobody. */
  readonly label: string;
  readonly targetName: string;
  /** User who is rung, if it is one: "own" numbers of a customer. */
  readonly userId?: string;
}

/** The list row of a record (S0-24): the name is the number itself until somebody renames it (S0-26). */
export function rowOf(record: NumberRecord, label: TargetLabel): NumberRow {
  return {
    id: record.id,
    number: record.number,
    name: record.name ?? record.number,
    ownership: record.ownership,
    routedTo: label.routedTo,
    routingObject: label.label,
    state: record.state,
    country: record.country,
    carrier: record.carrier,
    tags: record.tags,
    reference: record.reference ?? '',
    userId: label.userId ?? '',
    targetId: targetIdOf(record.assignment.target),
    serviceNumber: record.serviceNumber,
    attention: record.attention,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  };
}

/** Id of what is rung, if it is a thing with an id; a forward has none. */
export const targetIdOf = (target: Assignment['target']): string =>
  target && 'id' in target && target.id !== undefined ? target.id : '';
