import { asE164 } from '../../domain/e164.ts';
import { CarrierError, CarrierRefused } from '../../domain/errors.ts';
import type { Written } from '../client.ts';
import type { Call, CarrierRefs, Outcome } from '../outcome.ts';
import type { Bought, Order, Probe } from '../port.ts';
import type { TelnyxApi } from './sdk.ts';
import {
  isOurs,
  MessagingReply,
  OrderPage,
  type OrderRecord,
  OrderReply,
  OwnedPage,
  type OwnedRecord,
  ReservationPage,
  ReservationReply,
  standing,
  toFeatures,
} from './wire.ts';

/** Seconds until an accepted order is looked at without having been told: the webhook comes in seconds, this is the backstop (P10). */
const BACKSTOP = 30;
/** The same while people at the carrier look at papers, and while the list of owned numbers lags its orders. */
const REVIEW = 900;
const LAG = 5;

/** Where what we buy is to point. */
export interface Placement {
  readonly connectionId: string;
  readonly messagingProfileId: string;
}

type Held = Outcome<{ readonly expiresAt: string }>;
/** "Already reserved": by whom it does not say. */
const RESERVED = '85006';

/**
 * Holds the number for 30 minutes; it comes free by itself and cannot be given back. One that an earlier attempt of ours
 * still holds (its price rose, its account was on hold) counts as held: our claim keeps it from our other requests.
 */
export async function reserve(api: TelnyxApi, order: Order, call: Call, now: Date): Promise<Held> {
  const body = { phone_numbers: [{ phone_number: order.number }], customer_reference: order.reference };
  const answer = await api.write(call, 'reserve', ReservationReply, (sdk) => sdk.numberReservations.create(body));
  if (answer.kind === 'refused' && answer.refusal.carrierCode === RESERVED)
    return (await heldBefore(api, order, call, now)) ?? answer;
  if (answer.kind !== 'answered') return answer;
  const { id, phone_numbers: lines } = answer.value.data;
  const refs = { ...order.refs, reservationId: id };
  const line = lines.find((each) => each.phone_number === order.number);
  if (line?.status === 'failure') return gone('failure');
  if (line?.status === 'pending') return { kind: 'accepted', refs, pollAfterSeconds: LAG };
  if (!line?.expired_at) return { kind: 'unknown', reason: 'malformed_reply', refs };
  return { kind: 'done', value: { expiresAt: new Date(line.expired_at).toISOString() }, refs };
}

/** A reservation of this account for the number that still runs. Throws when the carrier does not tell. */
async function heldBefore(api: TelnyxApi, order: Order, call: Call, now: Date): Promise<Held | undefined> {
  const filter = { 'phone_numbers.phone_number': order.number };
  const page = await api.read(call, 'reserve', ReservationPage, (sdk) =>
    sdk.numberReservations.list({ filter, 'page[size]': 250 }),
  );
  for (const { id, phone_numbers: lines } of page.data) {
    const line = lines.find(({ phone_number, status }) => phone_number === order.number && status === 'success');
    if (!line?.expired_at || Date.parse(line.expired_at) <= now.getTime()) continue;
    const refs = { ...order.refs, reservationId: id };
    return { kind: 'done', value: { expiresAt: new Date(line.expired_at).toISOString() }, refs };
  }
  return undefined;
}

/**
 * Orders the number, once. The reference is neither unique nor checked there; `probe` finds the order by it. Missing papers
 * are no refusal here: the order waits (`reviewing`).
 */
export async function purchase(api: TelnyxApi, order: Order, to: Placement, call: Call): Promise<Outcome<Bought>> {
  const group = order.papers?.bundleId;
  const body = {
    phone_numbers: [{ phone_number: order.number, ...(group !== undefined && { requirement_group_id: group }) }],
    connection_id: to.connectionId,
    messaging_profile_id: to.messagingProfileId,
    customer_reference: order.reference,
  };
  const answer = await api.write(call, 'purchase', OrderReply, (sdk) => sdk.numberOrders.create(body));
  if (answer.kind !== 'answered') return withRefs(answer, order.refs);
  const refs = { ...order.refs, orderId: answer.value.data.id };
  const now = standing(answer.value.data, order.number);
  if (now.state === 'failure') return { kind: 'refused', refusal: now.refusal };
  if (now.state === 'pending')
    return { kind: 'accepted', refs, pollAfterSeconds: now.reviewing ? REVIEW : BACKSTOP, reviewing: now.reviewing };
  const bought = await boughtAtOnce(api, now.number, call);
  return bought
    ? { kind: 'done', value: bought, refs: { ...refs, numberId: bought.carrierNumberId } }
    : { kind: 'accepted', refs, pollAfterSeconds: LAG };
}

/** Orders under our reference first, then what the account owns: an order may be listed before its number is, and after. */
export async function probe(api: TelnyxApi, order: Order, call: Call): Promise<Probe> {
  const orders = await ordersOf(api, order, call);
  const stands = orders.map((record) => ({ id: record.id, ...standing(record, order.number) }));
  const success = stands.find((each) => each.state === 'success');
  const wanted = success?.state === 'success' ? success.number : order.number;
  const owned = await findOwned(api, wanted, call);
  if (success) {
    const refs = { ...order.refs, orderId: success.id };
    return owned ? ours(api, owned, refs, call) : { kind: 'in_progress', refs, pollAfterSeconds: LAG };
  }
  if (owned?.customer_reference === order.reference) return ours(api, owned, order.refs, call);
  const pending = stands.find((each) => each.state === 'pending');
  if (pending?.state === 'pending') {
    const { reviewing } = pending;
    const refs = { ...order.refs, orderId: pending.id };
    return { kind: 'in_progress', refs, pollAfterSeconds: reviewing ? REVIEW : BACKSTOP, reviewing };
  }
  if (owned) return { kind: 'theirs' };
  const failed = stands.find((each) => each.state === 'failure');
  return failed?.state === 'failure' ? { kind: 'failed', refusal: failed.refusal } : { kind: 'nothing' };
}

/** The account's record of exactly this number. */
export async function findOwned(api: TelnyxApi, number: string, call: Call): Promise<OwnedRecord | undefined> {
  // Digits only: with its plus sign the filter finds nothing; and it matches parts of numbers.
  const filter = { phone_number: number.replace('+', '') };
  const page = await api.read(call, 'probe', OwnedPage, (sdk) => sdk.phoneNumbers.list({ filter, 'page[size]': 250 }));
  return page.data.find((record) => record.phone_number === number && isOurs(record));
}

/** Each order under our reference in full: the list leaves out the state of the single number. */
async function ordersOf(api: TelnyxApi, order: Order, call: Call): Promise<readonly OrderRecord[]> {
  const filter = { customer_reference: order.reference };
  const page = await api.read(call, 'probe', OrderPage, (sdk) => sdk.numberOrders.list({ filter, 'page[size]': 250 }));
  const listed = page.data.filter((record) => record.customer_reference === order.reference).map(({ id }) => id);
  const ids = new Set(order.refs.orderId === undefined ? listed : [order.refs.orderId, ...listed]);
  const records: OrderRecord[] = [];
  for (const id of ids) {
    const reply = await api.read(call, 'probe', OrderReply, (sdk) => sdk.numberOrders.retrieve(id)).catch(notThere);
    if (reply) records.push(reply.data);
  }
  return records;
}

async function ours(api: TelnyxApi, owned: OwnedRecord, refs: CarrierRefs, call: Call): Promise<Probe> {
  const value = await toBought(api, owned, call);
  if (!value) return { kind: 'in_progress', refs, pollAfterSeconds: LAG };
  return { kind: 'ours', value, refs: { ...refs, numberId: owned.id } };
}

/** The order is through whatever follows: what goes wrong here is asked again by the probe. */
async function boughtAtOnce(api: TelnyxApi, number: string, call: Call): Promise<Bought | undefined> {
  try {
    const owned = await findOwned(api, number, call);
    return owned && (await toBought(api, owned, call));
  } catch (error) {
    if (error instanceof CarrierError) return undefined;
    throw error;
  }
}

async function toBought(api: TelnyxApi, owned: OwnedRecord, call: Call): Promise<Bought | undefined> {
  const number = asE164(owned.phone_number);
  if (number === undefined) return undefined;
  const reply = await api
    .read(call, 'probe', MessagingReply, (sdk) => sdk.phoneNumbers.messaging.retrieve(owned.id))
    .catch(notThere);
  return { number, carrierNumberId: owned.id, features: reply ? toFeatures(reply) : ['voice'] };
}

/** A 404 is an answer, too. */
export function notThere(error: unknown): undefined {
  if (error instanceof CarrierRefused && error.code === 'not_owned') return undefined;
  throw error;
}

function withRefs<T>(answer: Exclude<Written<T>, { kind: 'answered' }>, refs: CarrierRefs): Outcome<never> {
  return answer.kind === 'unknown' ? { ...answer, refs } : answer;
}

function gone(carrierCode: string): Outcome<never> {
  return { kind: 'refused', refusal: { class: 'NumberUnavailable', code: 'not_available', carrierCode } };
}
