import type { E164 } from '../domain/e164.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { QueueId } from '../domain/ids.ts';
import { isPremiumRate } from '../domain/number-parsing.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Table } from '../platform/table.ts';
import type { CallFlowStep, FallbackTarget } from '../tenants/schema.ts';
import { findCallFlow, findQueue } from '../tenants/store.ts';
import type { NumberRecord } from './schema.ts';
import { findNumber } from './store.ts';

/** Satellite and other codes that belong to no country (ITU-T E.164 assigned country codes). */
const BARRED_CODES = ['+870', '+878', '+881', '+882', '+883', '+888', '+979'];
/** Numbers of one tenant looked at before a chain of forwards counts as a loop. */
const LONGEST_CHAIN = 50;

/** Ranges nobody is forwarded to (A6): premium rate and satellite. */
export const isBarred = (number: E164): boolean =>
  isPremiumRate(number) || BARRED_CODES.some((code) => number.startsWith(code));

/** Outside numbers the steps of a flow call. */
const numbersInSteps = (steps: readonly CallFlowStep[]): readonly E164[] =>
  steps.flatMap((step) => {
    if (step.type === 'forward') return [step.number];
    if (step.type !== 'dial') return [];
    return step.targets.flatMap((one) => (one.type === 'number' ? [one.number] : []));
  });

/** Outside numbers a target calls, also as what follows a queue nobody answers. */
export async function numbersOfTarget(
  table: Table,
  scope: TenantScope,
  target: FallbackTarget | undefined,
): Promise<readonly E164[]> {
  if (target?.type === 'forward') return [target.number];
  if (target?.type === 'queue') return numbersAfterQueue(table, scope, target.id);
  if (target?.type !== 'call_flow') return [];
  return numbersOfSteps(table, scope, (await findCallFlow(table, scope, target.id))?.steps ?? []);
}

/** Outside numbers the steps of a flow call, also as what follows their queues. */
export async function numbersOfSteps(
  table: Table,
  scope: TenantScope,
  steps: readonly CallFlowStep[],
): Promise<readonly E164[]> {
  const queues = steps.flatMap((step) => (step.type === 'queue' ? [step.queueId] : []));
  const after = await Promise.all(queues.map((id) => numbersAfterQueue(table, scope, id)));
  return [...numbersInSteps(steps), ...after.flat()];
}

async function numbersAfterQueue(table: Table, scope: TenantScope, id: QueueId): Promise<readonly E164[]> {
  const seen = new Set<QueueId>();
  for (let next: QueueId | undefined = id; next !== undefined && !seen.has(next); ) {
    seen.add(next);
    const overflow: FallbackTarget | undefined = (await findQueue(table, scope, next))?.overflow;
    if (overflow?.type === 'forward') return [overflow.number];
    next = overflow?.type === 'queue' ? overflow.id : undefined;
  }
  return [];
}

/**
 * Refuses forwards into barred ranges and those that come back (A6, S3-7). Only the tenant's own numbers are followed:
 * where another tenant's number leads is not to be learnt from an answer (I7); such a circle ends when it is used.
 * Throws InvalidInput `forward_not_allowed`.
 * @param isHome whether a number of the tenant leads back to what is being set
 * @param pointer field to blame
 */
export async function requireForwardable(
  table: Table,
  scope: TenantScope,
  to: readonly E164[],
  isHome: (record: NumberRecord) => boolean,
  pointer: string,
): Promise<void> {
  const seen = new Set<E164>();
  const waiting = [...to];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (isBarred(next)) throw refused(pointer, `${next} lies in a range calls are not forwarded to.`);
    if (seen.has(next)) continue;
    seen.add(next);
    const own = await findNumber(table, scope, next);
    if ((own && isHome(own)) || seen.size > LONGEST_CHAIN)
      throw refused(pointer, 'The call would come back to itself.');
    if (own) waiting.push(...(await numbersOfTarget(table, scope, own.assignment.target)));
  }
}

function refused(pointer: string, detail: string): InvalidInput {
  const code = 'forward_not_allowed';
  return new InvalidInput({ code, detail, errors: [{ pointer, code, detail }] });
}
