import type { Hono } from 'hono';
import type { JsonObject, SimWorld } from '../kernel/simulator-port.ts';
import { bodyOf, notFound, paged, Refused, text } from './replies.ts';

const APPLICATIONS = 'texml_applications';
const PROFILES = 'messaging_profiles';

/** A TeXML application; the account's own stands as it was made in the portal, pointing nowhere of ours. */
export function applicationOf(world: SimWorld, id: string): JsonObject | undefined {
  const saved = world.records.get(APPLICATIONS, id);
  if (saved || id !== world.credentials['TELNYX_CONNECTION_ID']) return saved;
  return newApplication(id, { friendly_name: 'voice', voice_url: 'https://portal.example.com/voice' });
}

export function profileOf(world: SimWorld, id: string): JsonObject | undefined {
  const saved = world.records.get(PROFILES, id);
  if (saved || id !== world.credentials['TELNYX_MESSAGING_PROFILE_ID']) return saved;
  return newProfile(id, { name: 'messages' });
}

/** TeXML applications, messaging profiles and the balance. */
export function settingsRoutes(app: Hono, world: SimWorld): void {
  kind(app, world, {
    path: APPLICATIONS,
    required: ['friendly_name', 'voice_url'],
    find: applicationOf,
    make: newApplication,
    newId: () => numericId(world),
  });
  kind(app, world, {
    path: PROFILES,
    required: ['name'],
    find: profileOf,
    make: newProfile,
    newId: () => world.uuid(),
  });
  app.get('/v2/balance', (c) => {
    const { amount, currency } = world.account.balance();
    const rest = { credit_limit: '0.00', available_credit: amount, pending: '0.00', currency };
    return c.json({ data: { record_type: 'balance', balance: amount, ...rest } });
  });
}

/** A fresh id of nineteen digits, as the older kinds of object have. */
export function numericId(world: SimWorld): string {
  return `2${(BigInt(`0x${world.hex(15)}`) % 10n ** 18n).toString().padStart(18, '0')}`;
}

interface Kind {
  readonly path: string;
  /** Wanted at creation; the carrier wants them again with a change of an application. */
  readonly required: readonly string[];
  find(world: SimWorld, id: string): JsonObject | undefined;
  make(id: string, fields: JsonObject): JsonObject;
  newId(): string;
}

function kind(app: Hono, world: SimWorld, { path, required, find, make, newId }: Kind): void {
  const found = (id: string) => {
    const record = find(world, id);
    if (!record) throw notFound(path);
    return record;
  };
  const save = (record: JsonObject) => {
    world.records.put(path, text(record['id']), record);
    return { data: record };
  };
  const complete = (body: JsonObject) => {
    const missing = required.find((name) => text(body[name]) === '');
    if (missing !== undefined) throw new Refused(422, '10027', `${missing} is required`, `/${missing}`);
    return body;
  };
  app.get(`/v2/${path}`, (c) => paged(c, world.records.list(path)));
  app.post(`/v2/${path}`, async (c) => c.json(save(make(newId(), complete(await bodyOf(c)))), 201));
  app.get(`/v2/${path}/:id`, (c) => c.json({ data: found(c.req.param('id')) }));
  app.patch(`/v2/${path}/:id`, async (c) => {
    const { id: _, ...changes } = await bodyOf(c);
    if (path === APPLICATIONS) complete(changes);
    return c.json(save({ ...found(c.req.param('id')), ...changes }));
  });
  app.delete(`/v2/${path}/:id`, (c) => {
    const record = found(c.req.param('id'));
    world.records.remove(path, c.req.param('id'));
    return c.json({ data: record });
  });
}

function newApplication(id: string, fields: JsonObject): JsonObject {
  return {
    record_type: 'texml_application',
    active: true,
    voice_method: 'get',
    status_callback_method: 'post',
    first_command_timeout: true,
    first_command_timeout_secs: 30,
    ...fields,
    id,
  };
}

function newProfile(id: string, fields: JsonObject): JsonObject {
  return {
    record_type: 'messaging_profile',
    enabled: true,
    webhook_url: null,
    webhook_failover_url: null,
    webhook_api_version: '1',
    whitelisted_destinations: ['US', 'GB'],
    ...fields,
    id,
  };
}
