import type { Hono } from 'hono';
import type { JsonObject, SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { bodyOf, notFound, paged, Refused, text } from './replies.ts';
import { applicationOf, profileOf } from './settings.ts';

/** Owned numbers, under ids of their own. */
export function numberRoutes(app: Hono, world: SimWorld): void {
  const owned = () => world.numbers.search({ state: 'owned' });
  const found = (id: string) => {
    const number = owned().find((each) => each.data['numberId'] === id);
    if (!number) throw notFound('phone number');
    return number;
  };
  const save = (number: SimNumber, data: JsonObject) => {
    const saved = { ...number, data: { ...number.data, ...data } };
    world.numbers.save(saved);
    return saved;
  };
  app.get('/v2/phone_numbers', (c) => {
    const wanted = filters((name) => c.req.query(`filter[${name}]`));
    return paged(c, owned().filter(wanted).map(shown));
  });
  app.get('/v2/phone_numbers/:id', (c) => c.json({ data: shown(found(c.req.param('id'))) }));
  app.patch('/v2/phone_numbers/:id', async (c) => {
    const { connection_id: connection, customer_reference: reference } = await bodyOf(c);
    const number = found(c.req.param('id'));
    if (connection !== undefined && !applicationOf(world, text(connection)))
      throw new Refused(422, '10027', 'The connection does not exist', '/connection_id');
    const next = typeof reference === 'string' ? { ...number, reference } : number;
    return c.json({ data: shown(save(next, connection === undefined ? {} : { connection_id: connection })) });
  });
  app.delete('/v2/phone_numbers/:id', (c) => {
    const number = found(c.req.param('id'));
    world.numbers.save({ ...number, state: 'released' });
    return c.json({ data: { ...deletedShape(shown(number)), status: 'deleted' } });
  });
  app.get('/v2/phone_numbers/:id/messaging', (c) => c.json({ data: messaging(found(c.req.param('id'))) }));
  app.patch('/v2/phone_numbers/:id/messaging', async (c) => {
    const { messaging_profile_id: profile } = await bodyOf(c);
    const number = found(c.req.param('id'));
    if (typeof profile === 'string' && !profileOf(world, profile))
      throw new Refused(422, '10027', 'The messaging profile does not exist', '/messaging_profile_id');
    return c.json({ data: messaging(save(number, profile === undefined ? {} : { messaging_profile_id: profile })) });
  });
}

/** Part of the number, digits only: any other character finds nothing. */
function filters(filter: (name: string) => string | undefined): (number: SimNumber) => boolean {
  const digits = filter('phone_number');
  const reference = filter('customer_reference');
  const connection = filter('connection_id');
  return (number) =>
    (digits === undefined || (/^\d{3,}$/.test(digits) && number.number.includes(digits))) &&
    (reference === undefined || number.reference === reference) &&
    (connection === undefined || number.data['connection_id'] === connection);
}

function shown(number: SimNumber): JsonObject {
  const at = text(number.data['purchasedAt']);
  return {
    record_type: 'phone_number',
    id: text(number.data['numberId']),
    phone_number: number.number,
    phone_number_type: number.type,
    country_iso_alpha2: number.country,
    status: 'active',
    customer_reference: number.reference ?? null,
    connection_id: number.data['connection_id'] ?? null,
    messaging_profile_id: number.data['messaging_profile_id'] ?? null,
    tags: [],
    external_pin: null,
    deletion_lock_enabled: false,
    source_type: 'number_order',
    purchased_at: at,
    created_at: at,
  };
}

/** A deletion's answer has another shape: no nulls. */
function deletedShape(record: JsonObject): JsonObject {
  const { country_iso_alpha2: _, source_type: __, ...rest } = record;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
}

function messaging(number: SimNumber): JsonObject {
  const way = (works: boolean) => ({
    domestic_two_way: works,
    international_inbound: works,
    international_outbound: works,
  });
  const at = text(number.data['purchasedAt']);
  return {
    record_type: 'messaging_settings',
    id: text(number.data['numberId']),
    phone_number: number.number,
    country_code: number.country,
    messaging_profile_id: number.data['messaging_profile_id'] ?? null,
    features: { sms: way(number.features.includes('sms')), mms: way(number.features.includes('mms')) },
    eligible_messaging_products: ['A2P', 'P2P'],
    messaging_product: 'A2P',
    traffic_type: 'A2P',
    type: number.type === 'toll_free' ? 'toll-free' : 'longcode',
    created_at: at,
    updated_at: at,
  };
}
