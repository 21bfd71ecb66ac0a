import type { Hono } from 'hono';
import type { ApiDeps } from '../contract/api-deps.ts';
import { commonDeps, functionSecrets } from '../platform/aws/deps.ts';
import { readVariables } from '../platform/aws/settings.ts';
import { issuerTokens } from '../platform/aws/sign-in.ts';
import type { Deps } from '../platform/deps.ts';
import { lazyPart } from '../platform/lazy-part.ts';
import { linksOnly } from '../platform/links-only.ts';
import { sourceAddress } from '../platform/on-lambda.ts';
import { onceReady } from '../platform/once-ready.ts';
import { sharedWaitingRoom } from '../platform/waiting-room.ts';
import { gatewayApp } from './app.ts';
import { callerParts, cursorKeyOf, functionQuota } from './caller-parts.ts';
import { onEvents } from './on-events.ts';
import { bindRooms } from './rooms.ts';

const given = readVariables('api', process.env);
const common = commonDeps(given);
const { clock, log } = common;
const deps: Deps = {
  ...common,
  secrets: functionSecrets(given),
  blobs: linksOnly(lazyPart(async () => (await import('../platform/aws/papers-bucket.ts')).papersBucket(given))),
  workflows: lazyPart(async () => (await import('../platform/aws/step-functions.ts')).stepFunctions(given)),
};

/** Each proves that this function reaches the part and may use it; none shows anything. */
const ready: ApiDeps['ready'] = {
  table: async () => void (await deps.table.get({ pk: 'HEALTH', sk: 'CHECK' })),
  workflows: async () => void (await deps.workflows.find('request-number', 'none')),
  outbox: async () => void (await deps.table.queryIndex('list1', { pk: 'DUE#outbox#0', limit: 1 })),
  // Only signing: this function may not look at papers (reliability §6).
  blobs: async () => void (await deps.blobs.downloadLink('health/check', 'check')),
  secrets: async () => void (await deps.secrets.read('cursor/key')),
};

const waiting = sharedWaitingRoom({ table: deps.table, clock, log, places: Number(given.MOST_WAITING) });

const app = onceReady(async (): Promise<Hono> => {
  const [secret = ''] = await deps.secrets.read('cursor/key');
  const callers = callerParts(deps, issuerTokens(given, clock));
  const cursorKey = await cursorKeyOf(secret);
  return gatewayApp(
    { ...deps, ...callers, quota: functionQuota(deps), cursorKey, ready, waiting, addressOf: sourceAddress },
    bindRooms,
  );
});
// What every call needs is read during init; should that fail, the next event tries again.
await app().catch((error: unknown) => log.error('not_ready', error));

/** `/v1/*` and what documents it, all but the lines that ask carriers (house.md §1). */
export const handler = onEvents(app, deps, deps.settings.publicUrl);
