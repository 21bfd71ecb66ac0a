import { UserId } from '../../../functions/domain/ids.ts';
import { type Principal, tenantScope } from '../../../functions/platform/auth.ts';
import { ConditionFailed, TableUnavailable } from '../../../functions/platform/table.ts';
import { requestDue } from '../../../functions/requests/due.ts';
import { findTask } from '../../../functions/requests/inbox-store.ts';
import { readIntents } from '../../../functions/requests/intent-store.ts';
import { isFinal, type Move, moveRequest } from '../../../functions/requests/move.ts';
import { isUnclear, planResolution } from '../../../functions/requests/resolve-task.ts';
import type { NumberRequest } from '../../../functions/requests/schema.ts';
import { findRequest } from '../../../functions/requests/store.ts';
import { planAcceptance } from '../../../functions/requests/terms.ts';
import { isCancellable } from '../../../functions/requests/view.ts';
import { findTenant, tenants } from '../../../functions/tenants/store.ts';
import type { Actor } from './scheduler.ts';
import { CUSTOMER, TENANTS } from './tenants.ts';
import { SETTINGS, type World } from './world.ts';

const SUCCESS: Principal = {
  kind: 'person',
  id: UserId.parse('usr_00000000000000000000000004'),
  name: 'Chris',
  email: 'cs@gateway.example',
  roles: ['customer_success'],
  permissions: [],
};
const MINUTE = 60_000;
const ROUNDS = 16;

/** Everybody who has a hand in it beside the program: customers, customer success, the clock's own jobs. */
export function peopleOf(world: World): void {
  for (let round = 1; round <= ROUNDS; round++)
    world.scheduler.after(
      round * round * 10 * MINUTE,
      () => void look(world).catch((error: unknown) => comesAgain(world, error)),
    );
  for (const id of world.acknowledged) {
    const name = world.nameOf(id);
    if (world.choices.weigh(`cancels ${name}`, [0.8, 0.2]) === 0) continue;
    const at = [10, 90, 300, 2_000, 70_000, 700_000][world.choices.pick(`cancels when ${name}`, 6)] ?? 0;
    world.scheduler.after(at, () => void cancel(world, id));
  }
  if (world.choices.weigh('a tenant is suspended', [0.85, 0.15]) === 1) {
    const at = [30, 300, 5_000, 100_000][world.choices.pick('suspended when', 4)] ?? 0;
    world.scheduler.after(at, () => void setState(world, 'suspended'));
    world.scheduler.after(at + 100 * MINUTE, () => void setState(world, 'active'));
  }
}

/** Who finds the table away looks again another time. */
function comesAgain(world: World, error: unknown): void {
  if (!(error instanceof TableUnavailable)) world.wrong.push(`I4 people: ${String(error)}`);
}

/** Now and then somebody looks into the inbox and at the offers, and the sweep at what is due. */
async function look(world: World): Promise<void> {
  const actor = world.scheduler.actor('people');
  const { table, clock } = world.depsOf(actor);
  const page = await table.queryIndex('list2', { pk: 'INBOX#customer_success', limit: 50 });
  for (const { data } of page.items) await resolve(world, actor, String(data['id']));
  for (const id of world.acknowledged) {
    const request = await read(world, actor, id);
    if (!request || isFinal(request)) continue;
    if (request.nextTimerAt && Date.parse(request.nextTimerAt) <= clock.now().getTime())
      await requestDue(world.depsOf(actor), request.tenantId, request.id);
    if (request.terms?.state === 'offered' && world.choices.weigh(`accepts ${world.nameOf(id)}`, [0.5, 0.5]) === 1)
      await accept(world, actor, id);
  }
}

async function resolve(world: World, actor: Actor, taskId: string): Promise<void> {
  const deps = world.depsOf(actor);
  const task = await findTask(deps.table, taskId);
  if (task?.kind !== 'unclear_order' || task.state !== 'open' || !task.tenantId) return;
  const id = world.acknowledged.find((one) => one === task.subject.id);
  const request = id && (await read(world, actor, id));
  if (!request) return;
  const unclear = (await readIntents(deps.table, tenantScope(task.tenantId), request.id)).filter(isUnclear);
  // Nobody gives a verdict on an order that may still be executed, and some are slow.
  const known = unclear
    .map((intent) => ({ intent, verdict: world.market.lookedUp(intent.reference) }))
    .find(({ verdict }) => verdict !== 'unknown');
  if ((unclear.length > 0 && !known) || world.choices.weigh(`is slow ${world.nameOf(request.id)}`, [0.7, 0.3]) === 1)
    return;
  const given = known && known.verdict !== 'unknown' ? { verdict: known.verdict, number: known.intent.number } : {};
  const { batches } = await planResolution(deps, task, given, SUCCESS, deps.clock.now());
  world.trace.note(
    'customer success',
    `says ${known ? `${known.intent.number} is ${known.verdict}` : 'try again'} of ${request.id}`,
  );
  for (const batch of batches) await unlessLate(() => deps.table.write(batch));
}

async function accept(world: World, actor: Actor, id: string): Promise<void> {
  await change(world, actor, id, (request, at) => {
    if (
      request.terms?.state !== 'offered' ||
      Date.parse(request.terms.validUntil) <= at.getTime() ||
      request.state !== 'terms_pending'
    )
      return undefined;
    return { ...planAcceptance(request, request.terms.version, at), actor: by, at };
  });
}
const by = { kind: 'person', id: CUSTOMER.id, name: CUSTOMER.name } as const;

async function cancel(world: World, id: string): Promise<void> {
  await change(world, world.scheduler.actor('canceller'), id, (request, at) =>
    isCancellable(request)
      ? { action: 'cancelled', actor: by, at, fields: { state: 'cancelled', waitingFor: 'nobody' }, signal: true }
      : undefined,
  );
}

/** One act of a person: planned on what was read, done by one conditional write, tried anew when somebody was quicker. */
async function change(
  world: World,
  actor: Actor,
  id: string,
  plan: (request: NumberRequest, at: Date) => Move | undefined,
): Promise<void> {
  const deps = world.depsOf(actor);
  for (let round = 0; round < 5; round++) {
    const before = await read(world, actor, id);
    const move = before && plan(before, deps.clock.now());
    if (!before || !move) return;
    const { writes } = await moveRequest({ table: deps.table, settings: SETTINGS }, before, move);
    if (await unlessLate(() => deps.table.write(writes))) return;
  }
}

async function unlessLate(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed || error instanceof TableUnavailable) return false;
    throw error;
  }
}

async function read(world: World, actor: Actor, id: string): Promise<NumberRequest | undefined> {
  const { table } = world.depsOf(actor);
  for (const tenantId of TENANTS) {
    const found = await findRequest(table, tenantScope(tenantId), id as NumberRequest['id']);
    if (found) return found;
  }
  return undefined;
}

async function setState(world: World, state: 'active' | 'suspended'): Promise<void> {
  const { table, clock } = world.depsOf(world.scheduler.actor('accountant'));
  const at = clock.now();
  const before = await findTenant(table, tenantScope(TENANTS[0]));
  if (!before) return;
  const { writes } = tenants.replace(
    before,
    { ...before, state, updatedAt: at.toISOString() },
    { action: state, actor: by, at },
  );
  await unlessLate(() => table.write(writes));
}
