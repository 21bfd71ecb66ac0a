import type { NumberRequest, RequestState } from './schema.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Lengths of one kind of wait, milliseconds from its beginning (api-map §13, Clocks). */
interface Clocks {
  readonly due: number;
  readonly reminders: readonly number[];
  readonly escalation?: number;
  readonly expiry?: number;
}
export type WaitKind = 'approval' | 'terms' | 'quote' | 'acceptance' | 'papers' | 'information' | 'choice' | 'review';

export const CLOCKS: Readonly<Record<WaitKind, Clocks>> = {
  approval: { due: 48 * HOUR, reminders: [48 * HOUR], escalation: 72 * HOUR, expiry: 30 * DAY },
  terms: { due: 48 * HOUR, reminders: [48 * HOUR], escalation: 72 * HOUR, expiry: 30 * DAY },
  quote: { due: 5 * DAY, reminders: [5 * DAY], escalation: 6 * DAY, expiry: 30 * DAY },
  acceptance: { due: 14 * DAY, reminders: [], expiry: 14 * DAY },
  papers: { due: 14 * DAY, reminders: [7 * DAY, 13 * DAY], expiry: 30 * DAY },
  information: { due: 14 * DAY, reminders: [7 * DAY, 13 * DAY], expiry: 14 * DAY },
  choice: { due: 7 * DAY, reminders: [], expiry: 7 * DAY },
  review: { due: 48 * HOUR, reminders: [48 * HOUR], escalation: 72 * HOUR },
};

/** Hours until somebody must have looked at an order nobody can find, or at a step that cannot run (api-map §13, Clocks). */
export const ORDER_DUE_HOURS = 4;

/** Which clock runs for a request as it stands; undefined when no person is waited for, and while it is on hold (P17). */
export function waitKindOf(
  request: Pick<NumberRequest, 'state' | 'waitingFor' | 'question' | 'hold'>,
): WaitKind | undefined {
  if (request.hold) return undefined;
  const byState: Partial<Record<RequestState, WaitKind>> = {
    approval_pending: 'approval',
    quote_pending: 'quote',
    terms_pending: request.waitingFor === 'customer' ? 'acceptance' : 'terms',
    documents_pending: 'papers',
    info_requested: request.question?.code === 'choose_another_number' ? 'choice' : 'information',
  };
  if (request.state === 'documents_review') return request.waitingFor === 'customer_success' ? 'review' : undefined;
  return byState[request.state];
}

export type Timer = { readonly at: string; readonly do: 'remind' | 'escalate' | 'expire' | 'look_again' };

/** How often a carrier's review is asked for by ourselves, beside its webhook: the backstop (P10, P19). */
const REVIEW_POLL = 15 * 60_000;

/** What is still to come for the present wait, earliest first. Times that a person moved (`dueAt`, `expiresAt`) win. */
export function timersOf(request: NumberRequest): readonly Timer[] {
  const since = Date.parse(request.waitingSince);
  const at = (ms: number): string => new Date(since + ms).toISOString();
  if (request.hold) return [{ at: new Date(Date.parse(request.updatedAt) + HOUR).toISOString(), do: 'look_again' }];
  if (request.state === 'documents_review' && request.waitingFor === 'carrier')
    return [{ at: new Date(Date.parse(request.updatedAt) + REVIEW_POLL).toISOString(), do: 'look_again' }];
  const kind = waitKindOf(request);
  if (!kind) return [];
  const clocks = CLOCKS[kind];
  const moved = request.dueAt ? Date.parse(request.dueAt) - since - clocks.due : 0;
  const timers: Timer[] = clocks.reminders.slice(request.reminded).map((ms) => ({ at: at(ms + moved), do: 'remind' }));
  if (clocks.escalation !== undefined && !request.escalated)
    timers.push({ at: at(clocks.escalation + moved), do: 'escalate' });
  if (request.expiresAt) timers.push({ at: request.expiresAt, do: 'expire' });
  return timers.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/**
 * Fields of a request whose turn has just changed: due date, expiry, nothing reminded yet.
 * @param request as it will stand (state, waitingFor, question, terms already set)
 */
export function beginWait(request: NumberRequest, at: Date): Partial<NumberRequest> {
  const kind = waitKindOf(request);
  const fresh = { waitingSince: at.toISOString(), reminded: 0, escalated: false };
  const after = (ms: number): string => new Date(at.getTime() + ms).toISOString();
  // Whoever judges an order is reminded by the inbox task; the request only says by when.
  const isJudged = request.state === 'resolving' && request.waitingFor === 'customer_success' && !request.hold;
  if (!kind) return { ...fresh, dueAt: isJudged ? after(ORDER_DUE_HOURS * HOUR) : undefined, expiresAt: undefined };
  const clocks = CLOCKS[kind];
  const validUntil = kind === 'acceptance' ? request.terms?.validUntil : undefined;
  const dueAt = validUntil ?? (kind === 'information' ? request.question?.dueAt : undefined) ?? after(clocks.due);
  return { ...fresh, dueAt, expiresAt: validUntil ?? (clocks.expiry === undefined ? undefined : after(clocks.expiry)) };
}

/** The request with `nextTimerAt` as its timers say; goes last, when everything else is set. */
export function withTimer(request: NumberRequest): NumberRequest {
  return { ...request, nextTimerAt: timersOf(request)[0]?.at };
}
