import type { Context, Hono } from 'hono';
import type { JsonObject, SimWorld } from '../kernel/simulator-port.ts';
import { problemDocument } from './answers.ts';

const APPLICATIONS = 'applications';

/** One of the account's applications. The configured one exists from the start, as made in the dashboard: without webhooks. */
export function findApplication(world: SimWorld, id: string): JsonObject | undefined {
  const saved = world.records.get<JsonObject>(APPLICATIONS, id);
  if (saved !== undefined || id === '' || id !== world.credentials['VONAGE_APPLICATION_ID']) return saved;
  return { id, name: 'Numbergate', keys: { public_key: 'configured in the dashboard' }, capabilities: {} };
}

/** `/v2/applications`: the API that holds the webhooks. PUT replaces the whole application. */
export function applicationRoutes(app: Hono, world: SimWorld): void {
  const root = '/v2/applications';
  app.get(root, (c) => c.json(collection(world)));
  app.post(root, async (c) => {
    const body = await bodyOf(c);
    if (typeof body?.['name'] !== 'string') return badPayload(c);
    const id = world.uuid();
    world.records.put(APPLICATIONS, id, { ...stored(body), id });
    // Shown once; here a placeholder, since nobody signs with it.
    const keys = { public_key: 'generated', private_key: 'generated' };
    return c.json({ ...withLinks({ ...stored(body), id }), keys }, 201);
  });
  app.get(`${root}/:id`, (c) => {
    const found = findApplication(world, c.req.param('id'));
    return found === undefined ? notFound(c) : c.json(withLinks(found));
  });
  app.put(`${root}/:id`, async (c) => {
    const id = c.req.param('id');
    const body = await bodyOf(c);
    if (findApplication(world, id) === undefined) return notFound(c);
    if (typeof body?.['name'] !== 'string' || !timeoutsHold(body)) return badPayload(c);
    world.records.put(APPLICATIONS, id, { ...stored(body), id });
    return c.json(withLinks({ ...stored(body), id }));
  });
  app.delete(`${root}/:id`, (c) => {
    if (findApplication(world, c.req.param('id')) === undefined) return notFound(c);
    world.records.remove(APPLICATIONS, c.req.param('id'));
    return c.body(null, 204);
  });
}

function collection(world: SimWorld) {
  const own = findApplication(world, world.credentials['VONAGE_APPLICATION_ID'] ?? '');
  const others = world.records.list<JsonObject>(APPLICATIONS).filter(({ id }) => id !== own?.['id']);
  const applications = [...(own === undefined ? [] : [own]), ...others].map(withLinks);
  const total = applications.length;
  return { page_size: 10, page: 1, total_items: total, total_pages: 1, _embedded: { applications } };
}

/** Signing is off unless the request says so. */
function stored(body: JsonObject): JsonObject {
  const { name = '', keys = {}, capabilities = {}, privacy } = body;
  return { name, keys, capabilities, ...(privacy !== undefined && { privacy }) };
}

function withLinks(application: JsonObject): JsonObject {
  return { ...application, _links: { self: { href: `/v2/applications/${application['id']}` } } };
}

/** `connection_timeout` 300–1000 ms; `connect_timeout`, which the SDK writes, is no field of this API and is ignored. */
function timeoutsHold(body: JsonObject): boolean {
  const values = [...JSON.stringify(body).matchAll(/"connection_timeout":(\d+)/g)].map(([, value]) => Number(value));
  return values.every((value) => value >= 300 && value <= 1000);
}

async function bodyOf(c: Context): Promise<JsonObject | undefined> {
  try {
    const value: unknown = await c.req.json();
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function badPayload(c: Context): Response {
  return problemDocument(c, 400, 'Bad Request', 'The request failed due to validation errors');
}

function notFound(c: Context): Response {
  return problemDocument(c, 404, 'Not Found', 'Not found or you do not have access');
}
