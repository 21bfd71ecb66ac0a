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
const BUCKETS = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** How long one sweep delivers lines: a mail service that does not answer must not cost the due dates their turn. */
const LINES_MS = 120_000;

/** Sort keys of everything of a kind that is due by now, all buckets. */
async function dueKeys(deps: Deps, kind: string, until: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const bucket of BUCKETS) {
    let after: Position | undefined;
    do {
      const page = await deps.table.queryIndex('list1', {
        pk: `DUE#${kind}#${bucket}`,
        to: until,
        limit: 100,
        ...(after ? { after } : {}),
      });
      found.push(...page.items.map((item) => `${item.key.pk}#${item.key.sk}`));
      after = page.next;
    } while (after);
  }
  return found;
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
  for (const key of await dueKeys(deps, 'outbox', fresh)) {
    if (deps.clock.now().getTime() - now.getTime() > LINES_MS) break;
    await guarded(deps, key, async () => {
      if (await deliverLine(deps, key.split('#')[1] ?? '', takenBefore)) lines += 1;
    });
  }
  const requests = await dueKeys(deps, 'request', until);
  for (const key of requests) await guarded(deps, key, () => dueRequest(deps, key));
  const tasks = await dueKeys(deps, 'task', until);
  for (const key of tasks) await guarded(deps, key, () => deps.taskDue(key.split('#')[1] ?? ''));
  for (const key of await dueKeys(deps, 'bundle', until)) await guarded(deps, key, () => dueBundle(deps, key));
  return { lines, requests: requests.length, tasks: tasks.length };
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
async function guarded(deps: Deps, key: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    deps.log.error('sweep_failed', error, { key });
  }
}
