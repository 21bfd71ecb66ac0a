import { createHash } from 'node:crypto';
import type { Hono } from 'hono';
import { roomsApp } from '../api/base-app.ts';
import { callerParts, functionQuota } from '../api/caller-parts.ts';
import { onEvents } from '../api/on-events.ts';
import { complianceTasks } from '../compliance/tasks.ts';
import type { ApiDeps, ReadyChecks } from '../contract/api-deps.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { commonDeps, functionSecrets } from '../platform/aws/deps.ts';
import { baseUrls, readVariables } from '../platform/aws/settings.ts';
import { issuerTokens } from '../platform/aws/sign-in.ts';
import { lazyPart } from '../platform/lazy-part.ts';
import { isHttpEvent, sourceAddress } from '../platform/on-lambda.ts';
import { onTask } from '../platform/on-task.ts';
import { pooledHttp } from '../platform/pooled-http.ts';
import type { BuyDeps } from '../requests/buy-deps.ts';
import { carrierTasks } from '../requests/tasks.ts';
import { allCarriers } from './all-carriers.ts';
import { bindCarriers } from './api.ts';
import { credentialsOf } from './credentials.ts';
import { sharedLine } from './rest-store.ts';
import { settledHttp } from './settled-http.ts';

const given = readVariables('carriers', process.env);
const common = commonDeps(given);
const { clock } = common;
const secrets = functionSecrets(given);
const lines = pooledHttp();
const outward = settledHttp(lines.http);
const roots = baseUrls(given.CARRIER_BASE_URLS);
const carriers = allCarriers({
  http: outward.http,
  lineTo: (id, http) => sharedLine(common, id, http),
  clock,
  publicUrl: common.settings.publicUrl,
  credentials: (manifest) => credentialsOf(manifest, secrets),
  baseUrl: (id) => roots[id],
});
const deps: BuyDeps = {
  ...common,
  secrets,
  carriers,
  blobs: lazyPart(async () => (await import('../platform/aws/papers-bucket.ts')).papersBucket(given)),
};

/** Whether the installation is ready is asked of the api function. */
const elsewhere = (): Promise<void> => Promise.reject(new Error('the api function tells'));
const ready: ReadyChecks = {
  table: elsewhere,
  workflows: elsewhere,
  outbox: elsewhere,
  blobs: elsewhere,
  secrets: elsewhere,
};

async function credentialsState(id: CarrierId): Promise<'simulated' | 'present' | 'missing'> {
  if (roots[id]) return 'simulated';
  return (await credentialsOf(carriers.manifest(id), secrets)) ? 'present' : 'missing';
}

function linesThatAsk(): Hono {
  const callers = callerParts(deps, issuerTokens(given, clock));
  // The only cursors here name a place in a list that is no secret: their key has to be the same everywhere, no more.
  const cursorKey = createHash('sha256').update(`cursors of ${given.TABLE_NAME}`).digest();
  const quota = functionQuota(deps);
  const api: ApiDeps = { ...deps, ...callers, quota, cursorKey, ready, addressOf: sourceAddress };
  return roomsApp(api, [(on) => bindCarriers(on, { ...api, carriers, credentialsState })]);
}
const app = linesThatAsk();
const onHttp = onEvents(async () => app, deps, deps.settings.publicUrl);
const runTask = onTask([...carrierTasks, ...complianceTasks], deps);

/** Lines and states that ask carriers; this function alone reads their credentials (house.md §1). */
export const handler = async (event: unknown): Promise<unknown> => {
  try {
    return await (isHttpEvent(event) ? onHttp(event) : runTask(event));
  } finally {
    await outward.settled();
    lines.letGo();
  }
};
