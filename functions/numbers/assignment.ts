import { Conflict, type GatewayError, NotAllowed } from '../domain/errors.ts';
import { isAssignable } from './lifecycle.ts';
import type { Assignment, NumberRecord } from './schema.ts';

/** Who wants it, as far as the rules care. */
export interface Assigner {
  /** Customer success or the platform owner. */
  readonly isSupport: boolean;
}
export interface AssignmentFacts {
  readonly record: Pick<NumberRecord, 'state' | 'ownership' | 'assignment'>;
  /** `undefined`: to be routed to nobody. */
  readonly wanted: Assignment | undefined;
  /** The flow it is routed to, or shall be, is locked. */
  readonly locked: boolean;
}

/**
 * Why the present state or the caller's role forbids an assignment; undefined when nothing does. Customer success may
 * change what is bound to a workflow (S0-32) and what is locked (S4-10); nobody makes a private number shared (S0-16).
 */
export function forbiddenBecause(facts: AssignmentFacts, who: Assigner): GatewayError | undefined {
  const { record, wanted, locked } = facts;
  if (locked && !who.isSupport)
    return new NotAllowed({
      code: 'flow_locked',
      detail: 'The call flow is locked; customer success may change this.',
    });
  if (isBound(record.assignment) && !who.isSupport)
    return new NotAllowed({
      code: 'workflow_bound',
      detail: 'The number is part of a workflow: open a ticket of kind routing_change and customer success changes it.',
    });
  if (!isAssignable(record.state))
    return new Conflict({ code: 'number_not_active', detail: `The number is ${record.state.replaceAll('_', ' ')}.` });
  if (wanted && !isConvertible(record.ownership, wanted.ownership))
    return new Conflict({
      code: 'ownership_not_convertible',
      detail: `A ${record.ownership.replace('_', '-')} number does not become ${wanted.ownership.replace('_', '-')}.`,
    });
  return undefined;
}

/** Part of a workflow: its routing is customer success's matter (S0-32). */
export const isBound = (assignment: Assignment): boolean => assignment.target?.type === 'call_flow';

/** Ownership moves once from pre-provisioned, then only from shared to private (S0-14..16). */
export const isConvertible = (from: Assignment['ownership'], to: Assignment['ownership']): boolean =>
  from === to || from === 'pre_provisioned' || (from === 'shared' && to === 'private');
