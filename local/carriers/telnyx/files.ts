import { createHash } from 'node:crypto';
import type { Hono } from 'hono';
import type { JsonObject, SimWorld } from '../kernel/simulator-port.ts';
import { bodyOf, notFound, object, paged, Refused, text } from './replies.ts';
import { numericId } from './settings.ts';

const DOCUMENTS = 'documents';
const ADDRESSES = 'addresses';
/** A document that nothing uses is thrown away after half an hour. */
const UNUSED_SECONDS = 1800;

/** Documents and addresses, the values of requirements. */
export function fileRoutes(app: Hono, world: SimWorld): void {
  collection(app, world, DOCUMENTS, (body) => newDocument(world, body));
  collection(app, world, ADDRESSES, (body) => newAddress(world, body));
}

/** True when it was the timer of a document. */
export function dropUnused(world: SimWorld, name: string, data: JsonObject): boolean {
  if (name !== 'document') return false;
  const id = text(data['id']);
  const used = world.papers.list().some((papers) => Object.values(object(papers.data['values'])).includes(id));
  if (!used) world.records.remove(DOCUMENTS, id);
  return true;
}

function collection(app: Hono, world: SimWorld, path: string, make: (body: JsonObject) => JsonObject): void {
  app.get(`/v2/${path}`, (c) => {
    const reference = c.req.query('filter[customer_reference][eq]') ?? c.req.query('filter[customer_reference]');
    const rows = world.records.list(path);
    return paged(
      c,
      rows.filter((row) => reference === undefined || row['customer_reference'] === reference),
    );
  });
  app.post(`/v2/${path}`, async (c) => {
    const record = make(await bodyOf(c));
    world.transact(() => {
      world.records.put(path, text(record['id']), record);
      if (path === DOCUMENTS) world.after(UNUSED_SECONDS, 'document', { id: record['id'] ?? '' });
    });
    return c.json({ data: record });
  });
  app.get(`/v2/${path}/:id`, (c) => {
    const record = world.records.get(path, c.req.param('id'));
    if (!record) throw notFound(path);
    return c.json({ data: record });
  });
  app.delete(`/v2/${path}/:id`, (c) => {
    const record = world.records.get(path, c.req.param('id'));
    if (!record) throw notFound(path);
    world.records.remove(path, c.req.param('id'));
    return c.json({ data: record });
  });
}

/** The file comes as base64 in JSON; a file object that was sent by mistake arrives as `{}` and is refused. */
function newDocument(world: SimWorld, body: JsonObject): JsonObject {
  const file = text(body['file']);
  const bytes = Buffer.from(file, 'base64');
  if (bytes.byteLength === 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(file))
    throw new Refused(422, '10027', 'The file is missing or not base64', '/file');
  const at = world.clock.now().toISOString();
  return {
    record_type: 'document',
    id: world.uuid(),
    filename: text(body['filename']),
    customer_reference: text(body['customer_reference']),
    content_type: bytes.subarray(0, 4).toString('latin1') === '%PDF' ? 'application/pdf' : 'application/octet-stream',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: { amount: bytes.byteLength, unit: 'bytes' },
    status: 'pending',
    av_scan_status: 'scanned',
    created_at: at,
    updated_at: at,
  };
}

function newAddress(world: SimWorld, body: JsonObject): JsonObject {
  const named = text(body['business_name']) !== '' || text(body['first_name']) !== '';
  const missing = ['street_address', 'locality', 'country_code'].find((name) => text(body[name]) === '');
  if (missing !== undefined) throw new Refused(422, '10027', `${missing} is required`, `/${missing}`);
  if (!named) throw new Refused(422, '10027', 'business_name or first_name is required', '/business_name');
  const at = world.clock.now().toISOString();
  return { ...body, record_type: 'address', id: numericId(world), created_at: at, updated_at: at };
}
