import type { JsonObject, SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { announce } from './events.ts';
import { groupState } from './groups.ts';
import { checkPlacement, orderable } from './order-checks.ts';
import { object, Refused, text } from './replies.ts';
import { requirementTypes } from './requirements.ts';
import { numericId } from './settings.ts';

/** One number of an order. */
export interface Line {
  readonly id: string;
  readonly subOrderId: string;
  readonly number: string;
  readonly country: string;
  readonly type: string;
  readonly status: 'pending' | 'success' | 'failure';
  readonly requirements:
    | 'pending'
    | 'approved'
    | 'cancelled'
    | `requirement-info-${'pending' | 'under-review' | 'exception'}`;
  readonly groupId: string | null;
}
export interface SimOrder {
  readonly id: string;
  readonly reference: string | null;
  readonly connectionId: string | null;
  readonly profileId: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly lines: readonly Line[];
}
const ORDERS = 'number_orders';

export const listOrders = (world: SimWorld) =>
  world.records.list<JsonObject>(ORDERS).map((data) => data as unknown as SimOrder);
export const findOrder = (world: SimWorld, id: string) =>
  world.records.get<JsonObject>(ORDERS, id) as unknown as SimOrder | undefined;

/** Takes an order, or refuses it; the numbers are set aside and the order ends later by the clock. */
export function takeOrder(world: SimWorld, body: JsonObject, seconds: number): SimOrder {
  const wanted = Array.isArray(body['phone_numbers']) ? body['phone_numbers'].map(object) : [];
  if (wanted.length === 0) throw new Refused(400, '10015', 'phone_numbers is required', '/phone_numbers');
  checkPlacement(world, body);
  const numbers = wanted.map((entry, index) => orderable(world, entry, `/phone_numbers/${index}`));
  if (world.faults.take('no_credit', 'order') || !numbers.every((number) => world.account.covers(number)))
    throw new Refused(422, '20100', 'There is not enough credit for this order');
  const at = world.clock.now().toISOString();
  const lines = numbers.map((number, index) => newLine(world, number, text(wanted[index]?.['requirement_group_id'])));
  const order: SimOrder = {
    id: world.uuid(),
    reference: text(body['customer_reference']) || null,
    connectionId: text(body['connection_id']) || null,
    profileId: text(body['messaging_profile_id']) || null,
    ...{ createdAt: at, updatedAt: at, lines },
  };
  for (const number of numbers)
    world.numbers.save({
      ...number,
      state: 'pending',
      ...(order.reference !== null && { reference: order.reference }),
    });
  saveOrder(world, order);
  if (lines.length > 1 && world.faults.take('partial_bulk', 'order')) failLine(world, order.id, lines.at(-1));
  world.after(seconds, 'order', { id: order.id });
  return order;
}

/** Ends what can end: numbers whose papers are in order become ours; the rest waits for them. Says so when all have ended. */
export function advanceOrder(world: SimWorld, id: string): void {
  const order = findOrder(world, id);
  if (!order || orderStatus(order) !== 'pending') return;
  const lines = order.lines.map((line) => advanceLine(world, order, line));
  const next = saveOrder(world, { ...order, lines, updatedAt: world.clock.now().toISOString() });
  if (orderStatus(next) !== 'pending') announce(world, 'order', 'number_order.complete', shownOrder(next));
}

/** Papers decide about the orders that wait for them. */
export function advanceOrdersOf(world: SimWorld, groupId: string): void {
  for (const order of listOrders(world))
    if (order.lines.some((line) => line.groupId === groupId)) advanceOrder(world, order.id);
}

/** Gives pending numbers back, as a cancelled sub-order does. */
export function cancelSubOrder(world: SimWorld, subOrderId: string): SimOrder | undefined {
  const order = listOrders(world).find((each) => each.lines.some((line) => line.subOrderId === subOrderId));
  for (const line of order?.lines ?? []) if (line.subOrderId === subOrderId) failLine(world, order?.id ?? '', line);
  return order && findOrder(world, order.id);
}

/** Attaches a requirement group to one number of an order. */
export function attachGroup(world: SimWorld, lineId: string, groupId: string): SimOrder | undefined {
  const order = listOrders(world).find((each) => each.lines.some((line) => line.id === lineId));
  if (!order) return undefined;
  saveOrder(world, { ...order, lines: order.lines.map((line) => (line.id === lineId ? { ...line, groupId } : line)) });
  advanceOrder(world, order.id);
  return findOrder(world, order.id);
}

export function orderStatus({ lines }: SimOrder): Line['status'] {
  if (lines.some((line) => line.status === 'pending')) return 'pending';
  return lines.some((line) => line.status === 'success') ? 'success' : 'failure';
}

export function shownOrder(order: SimOrder): JsonObject {
  return {
    record_type: 'number_order',
    id: order.id,
    status: orderStatus(order),
    ...(order.reference !== null && { customer_reference: order.reference }),
    ...(order.connectionId !== null && { connection_id: order.connectionId }),
    ...(order.profileId !== null && { messaging_profile_id: order.profileId }),
    phone_numbers_count: order.lines.length,
    phone_numbers: order.lines.map(shownLine),
    sub_number_orders_ids: [...new Set(order.lines.map((line) => line.subOrderId))],
    requirements_met: order.lines.every((line) => line.requirements === 'approved'),
    created_at: order.createdAt,
    updated_at: order.updatedAt,
  };
}

export function shownLine(line: Line): JsonObject {
  return {
    record_type: 'number_order_phone_number',
    id: line.id,
    phone_number: line.number,
    country_code: line.country,
    phone_number_type: line.type,
    status: line.status,
    requirements_met: line.requirements === 'approved',
    requirements_status: line.requirements,
    regulatory_requirements: [],
  };
}

function newLine(world: SimWorld, number: SimNumber, groupId: string): Line {
  const line = { id: world.uuid(), subOrderId: world.uuid(), groupId: groupId || null, status: 'pending' } as const;
  const { country, type } = number;
  return { ...line, number: number.number, country, type, requirements: requirementsOf(world, country, type, groupId) };
}

function requirementsOf(world: SimWorld, country: string, type: string, groupId: string | null): Line['requirements'] {
  if (requirementTypes(country, type).length === 0) return 'approved';
  const state = groupId ? groupState(world, groupId) : undefined;
  if (state === 'approved') return 'approved';
  if (state === 'pending-approval') return 'requirement-info-under-review';
  return state === 'declined' ? 'requirement-info-exception' : 'requirement-info-pending';
}

function advanceLine(world: SimWorld, order: SimOrder, line: Line): Line {
  if (line.status !== 'pending') return line;
  const requirements = requirementsOf(world, line.country, line.type, line.groupId);
  const number = world.numbers.find(line.number);
  if (requirements !== 'approved' || !number) return { ...line, requirements };
  const place = { connection_id: order.connectionId, messaging_profile_id: order.profileId };
  const data = { ...place, numberId: numericId(world), purchasedAt: world.clock.now().toISOString() };
  world.numbers.execute(number, { data, ...(order.reference !== null && { reference: order.reference }) });
  return { ...line, requirements, status: 'success' };
}

function failLine(world: SimWorld, orderId: string, failed: Line | undefined): void {
  const order = findOrder(world, orderId);
  if (!order || failed?.status !== 'pending') return;
  const lines = order.lines.map((line) =>
    line.id === failed.id ? { ...line, status: 'failure' as const, requirements: 'cancelled' as const } : line,
  );
  saveOrder(world, { ...order, lines });
  const number = world.numbers.find(failed.number);
  if (number?.state === 'pending') world.numbers.save(freed(number));
}

/** Without what the order had put on it. */
export function freed({ reference: _, ...number }: SimNumber): SimNumber {
  return { ...number, state: 'available', data: {} };
}

function saveOrder(world: SimWorld, order: SimOrder): SimOrder {
  world.records.put(ORDERS, order.id, { ...order } as unknown as JsonObject);
  return order;
}
