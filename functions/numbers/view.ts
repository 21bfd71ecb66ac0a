import { displayNumber } from '../domain/number-parsing.ts';
import type { NumberStatistics } from '../inbound/schema.ts';
import type { Principal } from '../platform/auth.ts';
import type { FallbackTarget } from '../tenants/schema.ts';
import { isBound } from './assignment.ts';
import { isSupport, seesOnlyOwn } from './change.ts';
import { isAssignable, periodEndsOn, statusOf } from './lifecycle.ts';
import type { TargetLabel } from './row-store.ts';
import type { NumberRecord } from './schema.ts';
import type { NumberAction, NumberView } from './view-schema.ts';

export interface ViewFacts {
  /** How the target is called now; undefined: none, or it is gone. */
  readonly label: TargetLabel | undefined;
  readonly fallback: FallbackTarget;
  readonly statistics: NumberStatistics;
  readonly who: Pick<Principal, 'roles'>;
  readonly now: Date;
}

/**
 * The number as this caller sees it. Names are those of the moment of reading: they follow renames whatever the row says
 * (S0-28).
 */
export function viewNumber(record: NumberRecord, facts: ViewFacts): NumberView {
  const { label, fallback, statistics, who, now } = facts;
  const { target } = record.assignment;
  const isLost = target !== undefined && label === undefined;
  const isPlain = record.assignment.ownership === 'pre_provisioned' && !target;
  return {
    ...record,
    display: displayNumber(record.number),
    name: record.name ?? record.number,
    status: statusOf(record.state) ?? 'released',
    routedTo: label?.routedTo ?? 'none',
    ...(target && label ? { routingObject: routingObjectOf(target, label) } : {}),
    assignment: isPlain ? undefined : { ...record.assignment, primary: record.assignment.primary ?? false },
    effectiveTarget: target && label ? target : fallback,
    ...(record.monthly ? { monthly: { ...record.monthly, interval: 'month' } } : {}),
    subscription: { startedOn: record.startedOn.slice(0, 10), periodEndsOn: periodEndsOn(now) },
    statistics,
    attention: isLost ? [...new Set([...record.attention, 'assignment_failed'])] : record.attention,
    actions: actionsOf(record, who),
  };
}

function routingObjectOf(
  target: NonNullable<NumberRecord['assignment']['target']>,
  label: TargetLabel,
): NonNullable<NumberView['routingObject']> {
  const id = 'id' in target ? target.id : undefined;
  return { type: target.type, ...(id ? { id } : {}), name: label.targetName, label: label.label };
}

/** What status and role allow (S2-25, S2-27, S0-32). */
function actionsOf(record: NumberRecord, who: Pick<Principal, 'roles'>): NumberAction[] {
  if (seesOnlyOwn(who)) return ['view'];
  const mayAssign = isAssignable(record.state) && (isSupport(who) || !isBound(record.assignment));
  return ['view', 'edit', ...(mayAssign ? (['assignment'] as const) : [])];
}
