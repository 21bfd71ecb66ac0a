import type { Hono } from 'hono';
import type { JsonObject, SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { bodyOf, list, notFound, object, paged, Refused, text } from './replies.ts';

const RESERVATIONS = 'number_reservations';
const HELD_SECONDS = 1800;

/** Holds of half an hour; they come free by themselves, and can be extended once. */
export function reservationRoutes(app: Hono, world: SimWorld): void {
  const found = (id: string) => {
    const record = world.records.get(RESERVATIONS, id);
    if (!record) throw notFound('number reservation');
    return record;
  };
  app.get('/v2/number_reservations', (c) => {
    const number = c.req.query('filter[phone_numbers.phone_number]');
    const has = (record: JsonObject) => number === undefined || list(record['numbers']).includes(number);
    return paged(c, world.records.list(RESERVATIONS).filter(has).map(shown));
  });
  app.get('/v2/number_reservations/:id', (c) => c.json({ data: shown(found(c.req.param('id'))) }));
  app.post('/v2/number_reservations', async (c) => {
    const body = await bodyOf(c);
    return c.json({ data: shown(world.transact(() => hold(world, body))) });
  });
  app.post('/v2/number_reservations/:id/actions/extend', (c) => {
    const record = found(c.req.param('id'));
    if (record['extended'] === true) throw new Refused(422, '85008', 'This reservation was extended before');
    return c.json({ data: shown(world.transact(() => keep(world, { ...record, extended: true }))) });
  });
}

/** True when it was the timer of a reservation. */
export function endHold(world: SimWorld, name: string, data: JsonObject): boolean {
  if (name !== 'reservation') return false;
  const record = world.records.get(RESERVATIONS, text(data['id']));
  if (!record || text(record['expired_at']) > world.clock.now().toISOString()) return true;
  for (const number of list(record['numbers'])) {
    const held = world.numbers.find(text(number));
    if (held?.state === 'reserved') world.numbers.save(withoutReference(held));
  }
  return true;
}

function hold(world: SimWorld, body: JsonObject): JsonObject {
  const wanted = list(body['phone_numbers']).map((entry) => text(object(entry)['phone_number']));
  if (wanted.length === 0) throw new Refused(400, '10015', 'phone_numbers is required', '/phone_numbers');
  for (const [index, text] of wanted.entries()) {
    const number = world.numbers.find(text);
    const pointer = `/phone_numbers/${index}`;
    if (number?.state === 'reserved') throw new Refused(422, '85006', `${text} is reserved already`, pointer);
    if (number?.state !== 'available') throw new Refused(422, '85001', `${text} is not available`, pointer);
    const reference = String(body['customer_reference'] ?? '');
    world.numbers.save({ ...number, state: 'reserved', ...(reference !== '' && { reference }) });
  }
  const reference = text(body['customer_reference']);
  const created = world.clock.now().toISOString();
  return keep(world, { id: world.uuid(), reference, numbers: wanted, created_at: created, extended: false });
}

function keep(world: SimWorld, record: JsonObject): JsonObject {
  const ends = new Date(world.clock.now().getTime() + HELD_SECONDS * 1000).toISOString();
  const kept = { ...record, expired_at: ends };
  world.records.put(RESERVATIONS, text(record['id']), kept);
  world.after(HELD_SECONDS, 'reservation', { id: record['id'] ?? '' });
  return kept;
}

function withoutReference({ reference: _, ...number }: SimNumber): SimNumber {
  return { ...number, state: 'available' };
}

function shown(record: JsonObject): JsonObject {
  const times = { created_at: record['created_at'] ?? '', updated_at: record['created_at'] ?? '' };
  return {
    record_type: 'number_reservation',
    id: record['id'] ?? '',
    status: 'success',
    customer_reference: record['reference'] ?? '',
    phone_numbers: list(record['numbers']).map((number) => ({
      record_type: 'reserved_phone_number',
      id: record['id'] ?? '',
      phone_number: number,
      status: 'success',
      expired_at: record['expired_at'] ?? '',
      ...times,
    })),
    ...times,
  };
}
