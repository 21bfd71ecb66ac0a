import { createHash } from 'node:crypto';
import type { MessageEvent, OrderEvent } from '../carriers/inbound-port.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { outboxWrite } from '../platform/outbox.ts';
import { ConditionFailed, type JsonObject, type Key, type Table, type Write } from '../platform/table.ts';
import type { RouteEntry } from '../routing/schema.ts';
import { type CallFact, laterCall, laterMessage, newCall, newMessage } from './records.ts';
import type { CallRecord, MessageRecord } from './schema.ts';

/** An event on its way into the table. */
export interface Filing {
  readonly carrier: CarrierId;
  readonly now: Date;
  readonly recordDays: number;
  /** The number's routing entry, asked for only when the record is new; undefined: a number of nobody. */
  readonly route: () => Promise<RouteEntry | undefined>;
}
export type Filed = 'stored' | 'repeated' | 'nobodys';

const DAY = 86_400;
/** Carriers repeat events for a day at most. */
const EVENT_DAYS = 30;
const SAFE = /^[A-Za-z0-9._:~-]{1,200}$/;

/**
 * Files what was learnt of a call (V5). The first fact makes, in one transaction, the record, the item that finds it by
 * the carrier's id (which can be made only once) and the day's count; later ones replace the record if they change it.
 */
export function fileCall(table: Table, fact: CallFact, filing: Filing): Promise<Filed> {
  return file<CallRecord>(table, filing, `call.${fact.callId}`, {
    partition: 'CALL',
    start: (route) => newCall(fact, filing.carrier, route),
    since: (record) => record.startedAt,
    go: (before) => laterCall(before, fact),
    besides: (record) => {
      const key = { pk: `CALL#${record.numberId}`, sk: `DAY#${record.startedAt.slice(0, 10)}` };
      return [{ op: 'add', key, add: { calls: 1 } }];
    },
  });
}

/** Files a message or the fate of one, likewise. */
export function fileMessage(table: Table, event: MessageEvent, at: Date, filing: Filing): Promise<Filed> {
  return file<MessageRecord>(table, filing, `message.${event.messageId}`, {
    partition: 'MSG',
    start: (route) => newMessage(event, filing.carrier, route, at),
    since: (record) => record.at,
    go: (before) => laterMessage(before, event),
    besides: () => [],
  });
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

interface Kind<R extends CallRecord | MessageRecord> {
  readonly partition: 'CALL' | 'MSG';
  readonly start: (route: RouteEntry) => R;
  readonly since: (record: R) => string;
  readonly go: (before: R) => R;
  readonly besides: (record: R) => readonly Write[];
}

/** A neighbour's event may come between reading and writing: then both are done again. */
async function file<R extends CallRecord | MessageRecord>(
  table: Table,
  filing: Filing,
  reference: string,
  kind: Kind<R>,
): Promise<Filed> {
  const pointer: Key = eventKey(filing.carrier, reference);
  for (let attempt = 0; attempt < 6; attempt++) {
    const place = (await table.get(pointer))?.data;
    const writes = place ? await nextWrites(table, place, kind) : await firstWrites(filing, pointer, kind);
    if (!writes) return place ? 'repeated' : 'nobodys';
    if (await tryWrite(table, writes)) return 'stored';
  }
  throw new Error(`a ${kind.partition} record of ${filing.carrier} changed under every attempt`);
}

async function firstWrites<R extends CallRecord | MessageRecord>(
  filing: Filing,
  pointer: Key,
  kind: Kind<R>,
): Promise<readonly Write[] | undefined> {
  const route = await filing.route();
  if (!route) return undefined;
  const record = kind.start(route);
  const key: Key = { pk: `${kind.partition}#${record.numberId}`, sk: `${kind.since(record)}#${record.id}` };
  const now = epoch(filing.now);
  return [
    newItem(pointer, { pk: key.pk, sk: key.sk }, now + EVENT_DAYS * DAY),
    newItem(key, record as unknown as JsonObject, now + filing.recordDays * DAY),
    ...kind.besides(record),
  ];
}

/** Undefined: nothing new is learnt, or the record was kept long enough and is gone. */
async function nextWrites<R extends CallRecord | MessageRecord>(
  table: Table,
  place: JsonObject,
  kind: Kind<R>,
): Promise<readonly Write[] | undefined> {
  const key: Key = { pk: String(place['pk']), sk: String(place['sk']) };
  const stored = await table.get(key);
  if (!stored) return undefined;
  const before = stored.data as unknown as R;
  const after = kind.go(before);
  if (JSON.stringify(after) === JSON.stringify(before)) return undefined;
  const data = { ...after, version: before.version + 1 } as unknown as JsonObject;
  const expiry = stored.expiresAt === undefined ? {} : { expiresAt: stored.expiresAt };
  return [{ op: 'put', key, data, ...expiry, when: [{ is: 'equals', field: 'version', value: before.version }] }];
}

/** False: a condition did not hold. */
async function tryWrite(table: Table, writes: readonly Write[]): Promise<boolean> {
  try {
    await table.write(writes);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

function newItem(key: Key, data: JsonObject, expiresAt: number): Write {
  return { op: 'put', key, data, expiresAt, when: [{ is: 'absent' }] };
}

/** Carriers' ids are foreign text: what could break a key is replaced by its digest. */
function eventKey(carrier: CarrierId, text: string): Key {
  const part = SAFE.test(text) ? text : createHash('sha256').update(text).digest('hex');
  return { pk: `EVT#${carrier}#${part}`, sk: 'EVENT' };
}

const epoch = (at: Date): number => Math.floor(at.getTime() / 1000);
