import type { MessageEvent, StatusEvent } from '../carriers/inbound-port.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { newId } from '../domain/mint.ts';
import type { RouteEntry } from '../routing/schema.ts';
import type { CallRecord, CallState, MessageRecord, MessageState } from './schema.ts';

/** What is learnt of a call at a moment: a status event, or a recording left by the caller. */
export type CallFact = Pick<StatusEvent, 'callId' | 'from' | 'state' | 'durationSeconds'> & {
  readonly at: Date;
  readonly recordingUrl?: string;
  /** The carrier told no usable time: `at` is ours. */
  readonly isVague?: boolean;
  /** Nothing was told of this call before, as far as its carrier's habits go. */
  readonly isFirst?: boolean;
};

const CALL_RANK: Readonly<Record<CallState, number>> = {
  ringing: 0,
  answered: 1,
  cancelled: 2,
  no_answer: 3,
  busy: 4,
  failed: 5,
  completed: 6,
};
const MESSAGE_RANK: Readonly<Record<MessageState, number>> = { received: 0, sent: 0, failed: 1, delivered: 2 };
const isEnd = (state: CallState): boolean => CALL_RANK[state] >= CALL_RANK.cancelled;

/** The record of a call of which this is the first fact to arrive. */
export function newCall(fact: CallFact, carrier: CarrierId, route: RouteEntry): CallRecord {
  const rung = route.flow?.[0] ?? route.target ?? route.fallback;
  return {
    id: newId('call', fact.at),
    carrier,
    carrierRef: fact.callId,
    tenantId: route.tenantId,
    numberId: route.numberId,
    version: 1,
    from: fact.from.toWellFormed(),
    to: route.number,
    state: fact.state,
    startedAt: beganAt(fact),
    ...momentOf(fact),
    target: {
      type: rung.type,
      ...('id' in rung && rung.id !== undefined ? { id: rung.id } : {}),
      ...('name' in rung ? { name: rung.name } : {}),
    },
  };
}

/** What is known of a call after one more fact, in whatever order and however often they come; none reopens it (V5). */
export function laterCall(before: CallRecord, fact: CallFact): CallRecord {
  const moment = momentOf(fact);
  const durationSeconds = most(before.durationSeconds, moment.durationSeconds);
  const answeredAt = earliest(before.answeredAt, moment.answeredAt);
  const endedAt = earliest(before.endedAt, moment.endedAt);
  const recordingUrl = earliest(before.recordingUrl, moment.recordingUrl);
  return {
    ...before,
    from: before.from || fact.from.toWellFormed(),
    state: CALL_RANK[fact.state] > CALL_RANK[before.state] ? fact.state : before.state,
    startedAt: earliest(before.startedAt, beganAt(fact)) ?? before.startedAt,
    ...(answeredAt === undefined ? {} : { answeredAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(recordingUrl === undefined ? {} : { recordingUrl }),
  };
}

/** An end that tells the length tells the beginning too: some carriers tell only ends. */
const beganAt = ({ at, durationSeconds = 0 }: CallFact): string =>
  new Date(at.getTime() - durationSeconds * 1000).toISOString();

type Moment = Pick<CallRecord, 'answeredAt' | 'endedAt' | 'durationSeconds' | 'recordingUrl'>;

function momentOf({ state, at, durationSeconds, recordingUrl }: CallFact): Moment {
  return {
    ...(state === 'answered' ? { answeredAt: at.toISOString() } : {}),
    ...(isEnd(state) ? { endedAt: at.toISOString() } : {}),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(recordingUrl === undefined ? {} : { recordingUrl }),
  };
}

/** The record of a message of which this is the first event to arrive. Its text is kept as it came (V11). */
export function newMessage(event: MessageEvent, carrier: CarrierId, route: RouteEntry, at: Date): MessageRecord {
  const isInbound = event.state === 'received';
  const from = event.from.toWellFormed();
  const other = from === route.number ? '' : from;
  return {
    id: newId('msg', at),
    carrier,
    carrierRef: event.messageId,
    tenantId: route.tenantId,
    numberId: route.numberId,
    version: 1,
    direction: isInbound ? 'inbound' : 'outbound',
    from: isInbound ? from : route.number,
    to: isInbound ? route.number : other,
    text: event.text.toWellFormed(),
    media: event.media.map((url) => ({ url: url.toWellFormed(), state: 'unfetched' })),
    state: event.state,
    at: at.toISOString(),
    notTexted: isInbound && route.ownership === 'shared',
  };
}

/** What is known of a message after one more event; a repeated or late one changes nothing. */
export function laterMessage(before: MessageRecord, event: MessageEvent): MessageRecord {
  return {
    ...before,
    text: before.text || event.text.toWellFormed(),
    state: MESSAGE_RANK[event.state] > MESSAGE_RANK[before.state] ? event.state : before.state,
  };
}

function earliest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

function most(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
