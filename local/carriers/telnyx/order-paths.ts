import type { Hono } from 'hono';
import type { JsonObject, SimWorld } from '../kernel/simulator-port.ts';
import {
  attachGroup,
  cancelSubOrder,
  findOrder,
  listOrders,
  orderStatus,
  type SimOrder,
  shownLine,
  shownOrder,
  takeOrder,
} from './orders.ts';
import { bodyOf, notFound, paged, Refused, text } from './replies.ts';

/** Orders, their parts by country and type, and the single numbers in them. */
export function orderRoutes(app: Hono, world: SimWorld, seconds: number): void {
  app.post('/v2/number_orders', async (c) => {
    const body = await bodyOf(c);
    const taken = world.transact(() => refusalOr(() => takeOrder(world, body, seconds)));
    if (taken instanceof Refused) throw taken;
    return c.json({ data: shownOrder(taken) });
  });
  app.get('/v2/number_orders', (c) => {
    const reference = c.req.query('filter[customer_reference]');
    const status = c.req.query('filter[status]');
    const orders = listOrders(world)
      .filter((order) => reference === undefined || order.reference === reference)
      .filter((order) => status === undefined || orderStatus(order) === status);
    return paged(c, orders.map(listed));
  });
  app.get('/v2/number_orders/:id', (c) => {
    const order = findOrder(world, c.req.param('id'));
    if (!order) throw notFound('number order');
    return c.json({ data: shownOrder(order) });
  });
  subOrderRoutes(app, world);
}

/** A refusal is an answer: the fault it used up, and a number sold elsewhere meanwhile, stay so. */
function refusalOr<T>(act: () => T): T | Refused {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

function subOrderRoutes(app: Hono, world: SimWorld): void {
  const found = (id: string) => {
    const order = listOrders(world).find(({ lines }) => lines.some((line) => line.subOrderId === id));
    if (!order) throw notFound('sub number order');
    return order;
  };
  app.get('/v2/sub_number_orders/:id', (c) => c.json({ data: shownPart(found(c.req.param('id')), c.req.param('id')) }));
  app.patch('/v2/sub_number_orders/:id/cancel', (c) => {
    const id = c.req.param('id');
    found(id);
    world.transact(() => cancelSubOrder(world, id));
    return c.json({ data: shownPart(found(id), id) });
  });
  app.get('/v2/number_order_phone_numbers/:id', (c) => {
    const line = listOrders(world)
      .flatMap(({ lines }) => lines)
      .find(({ id }) => id === c.req.param('id'));
    if (!line) throw notFound('number order phone number');
    return c.json({ data: shownLine(line) });
  });
  app.post('/v2/number_order_phone_numbers/:id/requirement_group', async (c) => {
    const id = c.req.param('id');
    const group = text((await bodyOf(c))['requirement_group_id']);
    const order = world.transact(() => attachGroup(world, id, group));
    const line = order?.lines.find((each) => each.id === id);
    if (!line) throw notFound('number order phone number');
    return c.json({ data: shownLine(line) });
  });
}

/** The list shows less of each number than the order itself. */
function listed(order: SimOrder): JsonObject {
  const numbers = order.lines.map(({ id, number }) => ({ id, phone_number: number }));
  return { ...shownOrder(order), phone_numbers: numbers };
}

function shownPart(order: SimOrder, id: string): JsonObject {
  const lines = order.lines.filter((line) => line.subOrderId === id);
  const first = lines[0];
  return {
    record_type: 'sub_number_order',
    id,
    order_request_id: order.id,
    country_code: first?.country ?? '',
    phone_number_type: first?.type ?? 'local',
    phone_numbers_count: lines.length,
    status: orderStatus({ ...order, lines }),
    requirements_met: lines.every((line) => line.requirements === 'approved'),
    regulatory_requirements: [],
    is_block_sub_number_order: false,
    ...(order.reference !== null && { customer_reference: order.reference }),
    created_at: order.createdAt,
    updated_at: order.updatedAt,
  };
}
