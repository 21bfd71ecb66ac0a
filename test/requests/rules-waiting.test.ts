import { describe, expect, it } from 'vitest';
import type { NumberRequest } from '../../functions/requests/schema.ts';
import { withStep } from '../../functions/requests/timeline.ts';
import { beginWait, timersOf, type WaitKind, waitKindOf, withTimer } from '../../functions/requests/waiting.ts';
import { NOW, request } from './sample.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const inMs = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();
const question = { text: '?', fields: [], askedAt: NOW.toISOString() };
const terms = (validUntil: string) =>
  ({
    version: 1,
    state: 'offered',
    reason: 'special',
    monthly: { amount: '1.00', currency: 'USD' },
    text: '',
    validUntil,
  }) as const;
const STATES: Readonly<Record<WaitKind, Partial<NumberRequest>>> = {
  approval: { state: 'approval_pending', waitingFor: 'customer_success' },
  terms: { state: 'terms_pending', waitingFor: 'customer_success' },
  quote: { state: 'quote_pending', waitingFor: 'customer_success' },
  acceptance: { state: 'terms_pending', waitingFor: 'customer', terms: terms(inMs(14 * DAY)) },
  papers: { state: 'documents_pending', waitingFor: 'customer' },
  information: { state: 'info_requested', waitingFor: 'customer', question },
  choice: { state: 'info_requested', waitingFor: 'customer', question: { ...question, code: 'choose_another_number' } },
  review: { state: 'documents_review', waitingFor: 'customer_success' },
};
const waiting = (kind: WaitKind, more: Partial<NumberRequest> = {}): NumberRequest => {
  const standing = request({ ...STATES[kind], ...more });
  return withTimer({ ...standing, ...beginWait(standing, NOW) });
};
const timers = (one: NumberRequest) =>
  timersOf(one).map(({ at, do: what }) => [what, (Date.parse(at) - NOW.getTime()) / HOUR]);

describe('clocks (interface map §13)', () => {
  it.each<[WaitKind, number, [string, number][]]>([
    [
      'approval',
      48,
      [
        ['remind', 48],
        ['escalate', 72],
        ['expire', 720],
      ],
    ],
    [
      'terms',
      48,
      [
        ['remind', 48],
        ['escalate', 72],
        ['expire', 720],
      ],
    ],
    [
      'quote',
      120,
      [
        ['remind', 120],
        ['escalate', 144],
        ['expire', 720],
      ],
    ],
    ['acceptance', 336, [['expire', 336]]],
    [
      'papers',
      336,
      [
        ['remind', 168],
        ['remind', 312],
        ['expire', 720],
      ],
    ],
    [
      'information',
      336,
      [
        ['remind', 168],
        ['remind', 312],
        ['expire', 336],
      ],
    ],
    ['choice', 168, [['expire', 168]]],
    [
      'review',
      48,
      [
        ['remind', 48],
        ['escalate', 72],
      ],
    ],
  ])('%s: due after %d hours, then %j', (kind, due, expected) => {
    const one = waiting(kind);

    expect(waitKindOf(one)).toBe(kind);
    expect(one.dueAt).toBe(inMs(due * HOUR));
    expect(timers(one)).toEqual(expected);
    expect(one.nextTimerAt).toBe(inMs((expected[0]?.[1] ?? 0) * HOUR));
  });

  it.each([
    ['classified', 'nobody'],
    ['sourcing', 'nobody'],
    ['ordering', 'carrier'],
    ['resolving', 'carrier'],
    ['completed', 'nobody'],
  ] as const)('%s waits for no person by a clock of its own', (state, waitingFor) => {
    const one = withTimer(request({ state, waitingFor }));

    expect(waitKindOf(one)).toBeUndefined();
    expect(one.nextTimerAt).toBeUndefined();
    expect(beginWait(one, NOW)).toMatchObject({ dueAt: undefined, expiresAt: undefined });
  });

  it('an order that a person must judge is due after four hours; its inbox task reminds', () => {
    const one = withTimer(request({ state: 'resolving', waitingFor: 'customer_success' }));
    const dueAt = new Date(NOW.getTime() + 4 * 3_600_000).toISOString();

    expect(waitKindOf(one)).toBeUndefined();
    expect(one.nextTimerAt).toBeUndefined();
    expect(beginWait(one, NOW)).toMatchObject({ dueAt, expiresAt: undefined });
  });

  it('what was reminded and escalated is not to come again', () => {
    expect(timers({ ...waiting('approval'), reminded: 1 })).toEqual([
      ['escalate', 72],
      ['expire', 720],
    ]);
    expect(timers({ ...waiting('approval'), reminded: 1, escalated: true })).toEqual([['expire', 720]]);
    expect(timers({ ...waiting('papers'), reminded: 1 })).toEqual([
      ['remind', 312],
      ['expire', 720],
    ]);
  });

  it('a due date that a person moved takes reminder and escalation along, not the expiry', () => {
    const moved = { ...waiting('approval'), dueAt: inMs(100 * HOUR) };

    expect(timers(moved)).toEqual([
      ['remind', 100],
      ['escalate', 124],
      ['expire', 720],
    ]);
  });

  it('terms end when they say', () => {
    expect(timers(waiting('acceptance', { terms: terms(inMs(3 * HOUR)) }))).toEqual([['expire', 3]]);
  });

  it('P19: the carrier’s review is asked for every quarter of an hour; a hold every hour', () => {
    expect(timers(request({ state: 'documents_review', waitingFor: 'carrier' }))).toEqual([['look_again', 0.25]]);
    const hold = { reason: 'tenant_suspended', since: NOW.toISOString() };
    expect(timers(request({ state: 'classified', waitingFor: 'customer_success', hold }))).toEqual([['look_again', 1]]);
  });

  it('a turn that begins anew starts from nothing', () => {
    const old = { ...waiting('papers'), reminded: 2, escalated: true };
    expect(beginWait(old, new Date(inMs(DAY)))).toMatchObject({
      reminded: 0,
      escalated: false,
      dueAt: inMs(15 * DAY),
    });
  });
});

describe('timeline', () => {
  const actor = { kind: 'person', id: 'usr_1', name: 'Pam' } as const;
  const by = (ms: number, detail?: string) => ({ actor, at: new Date(inMs(ms)), detail });

  it('a step that waits and then ends is one entry with its duration', () => {
    const waited = withStep([], 'approval', 'waiting', by(0));
    const done = withStep(waited, 'approval', 'done', by(5000, 'fine'));

    expect(waited).toMatchObject([{ step: 'approval', state: 'waiting', at: inMs(0) }]);
    expect(done).toEqual([
      { step: 'approval', state: 'done', at: inMs(5000), durationMs: 5000, detail: 'fine', actor },
    ]);
  });

  it('a wait that goes on keeps its beginning', () => {
    const twice = withStep(withStep([], 'terms', 'waiting', by(0)), 'terms', 'waiting', by(5000, 'version 2'));
    expect(twice).toMatchObject([{ at: inMs(0), detail: 'version 2' }]);
  });

  it('what has ended stays; the same step again is a new entry', () => {
    const again = withStep(withStep([], 'approval', 'done', by(0)), 'approval', 'waiting', by(9));
    expect(again.map(({ state }) => state)).toEqual(['done', 'waiting']);
  });

  it('a clock that jumps back gives no negative duration', () => {
    const done = withStep(withStep([], 'purchase', 'current', by(5000)), 'purchase', 'done', by(0));
    expect(done).toMatchObject([{ durationMs: 0 }]);
  });
});
