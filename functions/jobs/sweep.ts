import { dueAgainWrites } from '../compliance/bundle-store.ts';
import type { BundleId, RequestId, TenantId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import type { Position } from '../platform/table.ts';
import { type DeliverDeps, deliverLine } from './deliver.ts';

/** What the sweep does for a request whose time has come (requests room, handed in by the composition). */
export interface SweepDeps extends DeliverDeps {
  requestDue(tenantId: TenantId, requestId: RequestId): Promise<void>;
  taskDue(taskId: string): Promise<void>;
}
const BUCKETS = 8;
const PAGE = 100;
/**
 * How long one sweep is at each kind, milliseconds, all together less than the function's five minutes: a mail service that
 * does not answer, or a flood of one kind, must not cost the others their turn.
 */
const MOST_MS = { outbox: 120_000, request: 90_000, task: 30_000, bundle: 30_000 } as const;
type Kind = keyof typeof MOST_MS;

/**
 * Keys of everything of a kind that is due, a page of each bucket in turn. Each minute begins with another bucket, so that
 * one whose things are slow keeps the others waiting in one minute of eight only.
 */
async function* dueKeys(deps: Deps, kind: Kind, until: string): AsyncGenerator<string> {
  const minute = Math.floor(deps.clock.now().getTime() / 60_000);
  let open: readonly { readonly pk: string; readonly after?: Position }[] = Array.from({ length: BUCKETS }, (_, n) => ({
    pk: `DUE#${kind}#${(minute + n) % BUCKETS}`,
  }));
  while (open.length > 0) {
    const rest: (typeof open)[number][] = [];
    for (const place of open) {
      const { items, next } = await deps.table.queryIndex('list1', { ...place, to: until, limit: PAGE });
      for (const { key } of items) yield `${key.pk}#${key.sk}`;
      if (next !== undefined) rest.push({ pk: place.pk, after: next });
    }
    open = rest;
  }
}

/** Acts on all that is due of a kind, as far as its time goes; what is left is still due in a minute. */
async function eachDue(deps: Deps, kind: Kind, until: string, act: (key: string) => Promise<unknown>): Promise<number> {
  const end = deps.clock.now().getTime() + MOST_MS[kind];
  let count = 0;
  for await (const key of dueKeys(deps, kind, until)) {
    if (deps.clock.now().getTime() >= end) break;
    await guarded(deps, key, () => act(key));
    count += 1;
  }
  return count;
}

/**
 * Once a minute: stragglers of the outbox, requests, tasks and sets of papers whose time has come. Looks at due indexes only; each act is
 * conditional on the record itself, so that running twice, or late, changes nothing more (B1).
 * @param olderThanSeconds leaves fresh outbox lines to the after-commit delivery
 * @param takenBefore leases from before this instant are a dead process's
 */
export async function sweep(
  deps: SweepDeps,
  olderThanSeconds = 0,
  takenBefore?: Date,
): Promise<{ readonly lines: number; readonly requests: number; readonly tasks: number }> {
  const now = deps.clock.now();
  // `to` is exclusive and sort keys go on after the instant, so a due one is smaller than instant + "~".
  const until = `${now.toISOString()}~`;
  const fresh = `${new Date(now.getTime() - olderThanSeconds * 1000).toISOString()}~`;
  let lines = 0;
  await eachDue(deps, 'outbox', fresh, async (key) => {
    if (await deliverLine(deps, key.split('#')[1] ?? '', takenBefore)) lines += 1;
  });
  const requests = await eachDue(deps, 'request', until, (key) => dueRequest(deps, key));
  const tasks = await eachDue(deps, 'task', until, (key) => deps.taskDue(key.split('#')[1] ?? ''));
  await eachDue(deps, 'bundle', until, (key) => dueBundle(deps, key));
  return { lines, requests, tasks };
}

/** Key of a request: `TEN#<tenant>#REQ#<id>`. */
async function dueRequest(deps: SweepDeps, key: string): Promise<void> {
  const [, tenantId, , requestId] = key.split('#');
  await deps.requestDue(tenantId as TenantId, requestId as RequestId);
}

/** Key of a set's next look: `TEN#<tenant>#BNDDUE#<id>`. */
async function dueBundle(deps: Deps, key: string): Promise<void> {
  const [, tenantId, , id] = key.split('#');
  const bundle = { tenantId: tenantId as TenantId, id: id as BundleId };
  await deps.table.write(dueAgainWrites(bundle, deps.clock.now()));
}

/** One that fails must not keep the others waiting. */
async function guarded(deps: Deps, key: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    deps.log.error('sweep_failed', error, { key });
  }
}
