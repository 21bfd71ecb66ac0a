import { createHash } from 'node:crypto';
import type { MessageEvent, OrderEvent } from '../carriers/inbound-port.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { outboxWrite } from '../platform/outbox.ts';
import type { JsonObject, Key, Table, Write } from '../platform/table.ts';
import { ATTEMPTS, DAY, epoch, type Filed, type Filing, newerRecord, newItem, tryWrite } from './filing.ts';
import { laterMessage, newMessage } from './records.ts';
import type { MessageRecord } from './schema.ts';

/** Carriers repeat events for a day at most. */
const EVENT_DAYS = 30;
const SAFE = /^[A-Za-z0-9._:~-]{1,200}$/;

/**
 * Files a message or the fate of one (V5). The first event makes, in one transaction, the record and the item that finds it
 * by the carrier's id (which can be made only once); later ones replace the record if they change it.
 */
export async function fileMessage(table: Table, event: MessageEvent, at: Date, filing: Filing): Promise<Filed> {
  const pointer = eventKey(filing.carrier, `message.${event.messageId}`);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const place = (await table.get(pointer))?.data;
    const writes = place ? await laterWrites(table, place, event) : await firstWrites(pointer, event, at, filing);
    if (!writes) return place ? 'repeated' : 'nobodys';
    if (await tryWrite(table, writes)) return 'stored';
  }
  throw new Error(`a message record of ${filing.carrier} changed under every attempt`);
}

async function firstWrites(
  pointer: Key,
  event: MessageEvent,
  at: Date,
  { carrier, now, recordDays, route }: Filing,
): Promise<readonly Write[] | undefined> {
  const owner = await route();
  if (!owner) return undefined;
  const record = newMessage(event, carrier, owner, at);
  const key: Key = { pk: `MSG#${record.numberId}`, sk: `${record.at}#${record.id}` };
  return [
    newItem(pointer, { pk: key.pk, sk: key.sk }, epoch(now) + EVENT_DAYS * DAY),
    newItem(key, record as unknown as JsonObject, epoch(now) + recordDays * DAY),
  ];
}

/** Undefined: nothing new is learnt, or the record was kept long enough and is gone. */
async function laterWrites(
  table: Table,
  place: JsonObject,
  event: MessageEvent,
): Promise<readonly Write[] | undefined> {
  const key: Key = { pk: String(place['pk']), sk: String(place['sk']) };
  const stored = await table.get(key);
  if (!stored) return undefined;
  const before = stored.data as unknown as MessageRecord;
  return newerRecord(key, { before, after: laterMessage(before, event) }, stored.expiresAt);
}

/**
 * Files a hint about an order, number or papers, and the line that makes their room look again.
 * @param deliveryId the carrier's id of this delivery: it counts once, as the event's own key does (V6)
 */
export async function fileOrder(
  table: Table,
  event: OrderEvent,
  { carrier, now }: Omit<Filing, 'route'>,
  deliveryId: string | undefined,
): Promise<Filed> {
  const { subject, carrierId, reference, number } = event;
  const keys = [`order.${event.dedupeKey}`, ...(deliveryId === undefined ? [] : [`delivery.${deliveryId}`])];
  const once = keys.map((key) =>
    newItem(eventKey(carrier, key), { at: now.toISOString() }, epoch(now) + EVENT_DAYS * DAY),
  );
  const hint = { carrier, subject, carrierId, ...(reference && { reference }), ...(number && { number }) };
  const isNew = await tryWrite(table, [...once, outboxWrite({ kind: 'carrier_event', ...hint }, now)]);
  return isNew ? 'stored' : 'repeated';
}

/** Carriers' ids are foreign text: what could break a key is replaced by its digest. */
function eventKey(carrier: CarrierId, text: string): Key {
  const part = SAFE.test(text) ? text : createHash('sha256').update(text).digest('hex');
  return { pk: `EVT#${carrier}#${part}`, sk: 'EVENT' };
}
