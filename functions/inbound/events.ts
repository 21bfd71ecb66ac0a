import type { MessageEvent, OrderEvent, StatusEvent, VoiceEvent } from '../carriers/inbound-port.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import type { RouteEntry } from '../routing/schema.ts';
import { readRoute } from '../routing/store.ts';
import { fileCall } from './call-store.ts';
import type { InboundDeps } from './deps.ts';
import { fileMessage, fileOrder } from './event-store.ts';
import type { Filed, Filing } from './filing.ts';
import { inTime } from './in-time.ts';
import type { CallFact } from './records.ts';

/** Shorter than the shortest wait of a carrier for an event (Telnyx messages: 2 s). */
const LIMIT = { tryMs: 1_500, tries: 1 };
const RECORDING_LIMIT = { tryMs: 400, tries: 1 };
const RECORD_DAYS = 365;

/** What was told, by the kind of event. */
const LINES = { status: 'call_event', message: 'message_event', order: 'order_event' } as const;

/** Every event but a call that wants an answer. */
export type WritingEvent = StatusEvent | MessageEvent | OrderEvent;

/**
 * Stores an event before it is acknowledged; rejects when it could not be, so that the carrier sends it again.
 * @param deliveryId the carrier's id of this delivery, which counts once as the event's own key does (V5, V6)
 */
export async function storeEvent(
  deps: InboundDeps,
  carrier: CarrierId,
  event: WritingEvent,
  deliveryId: string | undefined,
): Promise<void> {
  const filed = await inTime(() => fileEvent(deps, carrier, event, deliveryId), LIMIT);
  deps.log.info(LINES[event.type], {
    carrier,
    what: event.type === 'order' ? event.subject : event.state,
    // Nearly always, and each byte of a line is paid for with each event.
    ...(filed === 'stored' ? {} : { filed }),
  });
}

/**
 * Files a message the caller left. Part of a call's course, so it must not keep the answer waiting: a failure is logged,
 * the carrier keeps the recording.
 */
export async function storeRecording(
  deps: InboundDeps,
  carrier: CarrierId,
  event: VoiceEvent,
  route: RouteEntry,
): Promise<void> {
  const { callId, from, recordingUrl } = event;
  if (recordingUrl === undefined) return;
  const now = deps.clock.now();
  const filing = filingOf(deps, carrier, async () => route);
  try {
    const fact = { callId, from, state: 'answered' as const, at: now, isVague: true, recordingUrl };
    await inTime(() => fileCall(deps.table, fact, filing), RECORDING_LIMIT);
  } catch (error) {
    deps.log.error('recording_not_filed', error, { carrier, callId });
  }
}

function fileEvent(
  deps: InboundDeps,
  carrier: CarrierId,
  event: WritingEvent,
  deliveryId: string | undefined,
): Promise<Filed> {
  const filing = filingOf(deps, carrier, () => ownerOf(deps, carrier, event));
  switch (event.type) {
    case 'status':
      return fileCall(deps.table, { ...event, ...factOf(deps, carrier, event, filing.now) }, filing);
    case 'message':
      return fileMessage(deps.table, event, instantOf(event.at, filing.now) ?? filing.now, filing);
    case 'order':
      return fileOrder(deps.table, event, filing, deliveryId);
    default:
      return event satisfies never;
  }
}

function filingOf({ clock, settings }: InboundDeps, carrier: CarrierId, route: Filing['route']): Filing {
  return { carrier, now: clock.now(), recordDays: settings.recordDays ?? RECORD_DAYS, route };
}

/** Whose number it is. A number on its way out of its tenant's hands is nobody's: its new owner must not see this (I7). */
async function ownerOf(
  { table, log }: InboundDeps,
  carrier: CarrierId,
  event: WritingEvent,
): Promise<RouteEntry | undefined> {
  const called = event.type === 'order' ? undefined : event.called;
  const route = called && (await readRoute(table, called, carrier, { eventual: true }));
  if (!route || route.state === 'released' || route.state === 'quarantined') return undefined;
  if (event.type === 'message' && event.state === 'received' && route.ownership === 'shared') {
    log.info('not_texted', { carrier, tenantId: route.tenantId, numberId: route.numberId });
  }
  return route;
}

type FactOf = Pick<CallFact, 'at' | 'isVague' | 'isFirst'>;
function factOf({ dialects }: InboundDeps, carrier: CarrierId, { at, state }: StatusEvent, now: Date): FactOf {
  const told = instantOf(at, now);
  const isEnd = state !== 'ringing' && state !== 'answered';
  const isFirst = dialects[carrier]?.dialect.tellsOnlyEnds ? isEnd : state === 'ringing';
  return { at: told ?? now, isVague: told === undefined, isFirst };
}

/** The carrier's time, unless it names none or one that lies ahead of us (X1). */
function instantOf(at: string | undefined, now: Date): Date | undefined {
  const told = at === undefined ? undefined : new Date(at);
  return told && told <= now ? told : undefined;
}
