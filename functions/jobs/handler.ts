import { checkArrived } from '../compliance/arrived-store.ts';
import { checkDocument } from '../compliance/upload-store.ts';
import { commonDeps } from '../platform/aws/deps.ts';
import { readVariables } from '../platform/aws/settings.ts';
import type { Deps } from '../platform/deps.ts';
import { lazyPart } from '../platform/lazy-part.ts';
import { onTask } from '../platform/on-task.ts';
import { requestDue, taskDue } from '../requests/due.ts';
import { endedBadly } from '../requests/ended-badly.ts';
import { goOnIfDead } from '../requests/go-on.ts';
import { ownerTasks } from '../tenants/tasks.ts';
import { onJobEvents } from './on-events.ts';

const given = readVariables('jobs', process.env);
const common = commonDeps(given);
const deps: Deps = {
  ...common,
  blobs: lazyPart(async () => (await import('../platform/aws/papers-bucket.ts')).papersBucket(given)),
  mailer: lazyPart(async () => (await import('../platform/aws/mail-service.ts')).mailService(given)),
  workflows: lazyPart(async () => (await import('../platform/aws/step-functions.ts')).stepFunctions(given)),
};
const delays = lazyPart(async () => (await import('../platform/aws/delay-queue.ts')).delayQueue(given));

/** Outbox, minute, uploads and the owner's tasks (house.md §1). */
export const handler = onJobEvents({
  ...deps,
  checkDocument: async (...document) => void (await checkDocument(deps, ...document)),
  requestDue: (tenantId, id) => requestDue(deps, tenantId, id),
  taskDue: (id) => taskDue(deps, id),
  goOnIfDead: (id) => goOnIfDead(deps, id),
  delay: (line, seconds) => delays.delay(line, seconds),
  endedBadly: (end) => endedBadly(deps, end),
  uploaded: (blobKey) => checkArrived(deps, blobKey),
  runTask: onTask([...ownerTasks], { ...deps, issuer: given.OIDC_ISSUER }),
});
