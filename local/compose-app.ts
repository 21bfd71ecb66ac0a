import type { Context, Hono } from 'hono';
import { gatewayApp } from '../functions/api/app.ts';
import { callerParts, cursorKeyOf } from '../functions/api/caller-parts.ts';
import { bindRooms } from '../functions/api/rooms.ts';
import { bindCarriers } from '../functions/carriers/api.ts';
import type { ApiDeps } from '../functions/contract/api-deps.ts';
import { verifyAccessToken } from '../functions/platform/jwt.ts';
import { newQuota } from '../functions/platform/rate-limit.ts';
import type { Secrets } from '../functions/platform/secrets.ts';
import type { Table } from '../functions/platform/table.ts';
import type { Rooms } from './compose-rooms.ts';
import { blobLinks } from './engine/blob-routes.ts';
import type { ShiftedClock } from './engine/clock.ts';
import { signInRoutes } from './engine/sign-in.ts';
import { socketAddress } from './engine/sign-in-callers.ts';
import type { People } from './engine/sign-in-people.ts';
import { ALGORITHM, AUDIENCE, tokenIssuer } from './engine/sign-in-tokens.ts';
import { localRoutes } from './local-routes.ts';
import { listPeople } from './people.ts';

interface Parts {
  readonly rooms: Rooms;
  readonly publicUrl: string;
  readonly secrets: Secrets;
  readonly shifted: ShiftedClock | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The HTTP interface of one machine: the rooms' app with the local issuer, signed file links and local aids. */
export async function composeApp(parts: Parts): Promise<Hono> {
  const { rooms, publicUrl, secrets } = parts;
  const { table, clock } = rooms.deps;
  const keys = () => secrets.read('sign-in/key');
  const issuer = tokenIssuer(publicUrl, clock, keys);
  const verify = verifyAccessToken({
    issuer: publicUrl,
    algorithm: ALGORITHM,
    keys: () => issuer.jwks(),
    audience: AUDIENCE,
    clock,
  });
  const [cursorSecret = ''] = await secrets.read('cursor/key');
  const deps: ApiDeps = {
    ...rooms.deps,
    ...callerParts(rooms.deps, verify),
    quota: newQuota(rooms.deps.settings.rateLimitPerMinute, () => Date.now()),
    cursorKey: await cursorKeyOf(cursorSecret),
    ready: readyChecks(rooms),
    addressOf: (_request, env) => socketAddress({ env } as Context),
  };
  const app = gatewayApp(deps, [
    ...bindRooms,
    (on) => bindCarriers(on, { ...deps, carriers: rooms.deps.carriers, credentialsState: rooms.credentialsState }),
  ]);
  app.route('/', signInRoutes({ ...peopleOf(table), issuer: publicUrl, clock, keys }));
  app.route('/', blobLinks(rooms.blobs));
  app.route('/', localRoutes({ table, publicUrl, clock: parts.shifted }));
  app.get('/', (c) => c.redirect('/reference'));
  return app;
}

/** Who can sign in here. */
const peopleOf = (table: Table): People => ({
  listPeople: () => listPeople(table),
  findPerson: async (email) => (await listPeople(table)).find((one) => one.email.toLowerCase() === email.toLowerCase()),
});

function readyChecks(rooms: Rooms): ApiDeps['ready'] {
  const { table, secrets, blobs, workflows } = rooms.deps;
  return {
    table: async () => void (await table.get({ pk: 'HEALTH', sk: 'CHECK' })),
    workflows: async () => void (await workflows.find('request-number', 'none')),
    outbox: async () => void (await table.queryIndex('list1', { pk: 'DUE#outbox#0', limit: 1 })),
    blobs: async () => void (await blobs.facts('health/check')),
    secrets: async () => void (await secrets.read('cursor/key')),
  };
}
