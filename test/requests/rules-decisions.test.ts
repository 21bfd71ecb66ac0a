import { describe, expect, it } from 'vitest';
import type { CountryClass } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { readNamed, requireOneForm, requireRoom, requireUnderCap } from '../../functions/requests/accept-rules.ts';
import { planApproval, planRejection, planUndo, termsOf } from '../../functions/requests/approval.ts';
import { endOf } from '../../functions/requests/close-request.ts';
import { approvalsNeeded, knownMonthly, turnOf } from '../../functions/requests/decide.ts';
import { planInformation, planQuestion } from '../../functions/requests/information.ts';
import { planHandIn, planReview } from '../../functions/requests/papers-plan.ts';
import { mergeRequirements } from '../../functions/requests/requirements.ts';
import type { NewRequest, NumberRequest } from '../../functions/requests/schema.ts';
import { planAcceptance, planRefusal } from '../../functions/requests/terms.ts';
import { CHRIS, GB, intent, NOW, PAM, request, requirement, SAM, TENANT } from './sample.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const ahead = new Date(NOW.getTime() + 86_400_000).toISOString();
const termsBody = { monthly: usd('9.00'), setup: usd('0.00'), text: 'ok', validUntil: ahead };
const named = (n: number, monthly = '1.00') => ({ number: E164.parse(`+44122355501${n}`), monthly: usd(monthly) });
/** Code of what is thrown. */
function codeOf(act: () => unknown): string {
  try {
    act();
    return 'nothing';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe('acceptance', () => {
  it.each<[CountryClass, string, string, boolean]>([
    ['standard', 'classified', 'nobody', true],
    ['special', 'terms_pending', 'customer_success', false],
    ['restricted', 'approval_pending', 'customer_success', false],
    ['unsupported', 'quote_pending', 'customer_success', false],
  ])('S0-36: %s begins as %s', (countryClass, state, waitingFor, agreed) => {
    const made = request({}, {}, countryClass);

    expect(made).toMatchObject({
      state,
      waitingFor,
      quantity: 1,
      policy: 'all_or_nothing',
      purpose: 'other',
      channel: 'form',
    });
    expect(made.agreedAt !== undefined).toBe(agreed);
    expect(made.timeline.map(({ step }) => step).slice(0, 3)).toEqual(['submitted', 'classified', 'ticket_opened']);
  });

  it.each<[string, Partial<NewRequest>, string]>([
    ['both numbers and an area', { numbers: [named(1)], areaCode: '1223' }, 'numbers_or_wish'],
    ['both numbers and a quantity', { numbers: [named(1)], quantity: 1 }, 'numbers_or_wish'],
    ['both numbers and a cap', { numbers: [named(1)], maxMonthly: usd('2') }, 'numbers_or_wish'],
    ['numbers with further wishes', { numbers: [named(1)], alternatives: [{ areaCode: '161' }] }, 'nothing'],
    ['a wish', { areaCode: '1223', quantity: 3 }, 'nothing'],
  ])('%s', (_name, input, code) => {
    expect(codeOf(() => requireOneForm({ country: GB, ...input }))).toBe(code);
  });

  it.each([
    ['01223 555010', 'nothing'],
    ['+44 1223 555010', 'nothing'],
    ['+44122', 'invalid_number'],
    ['+33123456789', 'invalid_number'],
    ['hello', 'invalid_number'],
    ['+441481256789', 'invalid_number'],
  ])('S4-3: %s as an exact number of GB: %s', (number, code) => {
    expect(codeOf(() => readNamed({ country: GB, numbers: [{ number, monthly: usd('1') }] }))).toBe(code);
  });

  it('S2-9: an exact number needs the reviewed price, and is named once', () => {
    expect(codeOf(() => readNamed({ country: GB, numbers: [{ number: '01223 555010' }] }))).toBe('price_required');
    const twice = [named(0), { number: '01223 555010', monthly: usd('1') }];
    expect(codeOf(() => readNamed({ country: GB, numbers: twice }))).toBe('invalid_number');
  });

  it.each([
    [{ used: 48, held: 0, taken: 48 }, 2, 'nothing'],
    [{ used: 48, held: 1, taken: 49 }, 2, 'number_limit_reached'],
    [{ used: 50, held: 0, taken: 50 }, 1, 'number_limit_reached'],
  ])('S2-6: %j of 50 and %d more: %s', (counter, wanted, code) => {
    expect(codeOf(() => requireRoom(counter, 50, wanted))).toBe(code);
  });

  it('a daily cap holds', () => {
    const tenant = { ...TENANT, dailyPurchaseCap: '10.00' };
    expect(codeOf(() => requireUnderCap(tenant, usd('10.00')))).toBe('nothing');
    expect(codeOf(() => requireUnderCap(tenant, usd('10.01')))).toBe('purchase_cap_reached');
    expect(codeOf(() => requireUnderCap(TENANT, usd('1000')))).toBe('nothing');
  });
});

describe('two persons', () => {
  it.each<[string, Partial<NumberRequest>, string | undefined, 1 | 2]>([
    ['nothing known', {}, undefined, 1],
    ['a cap of 25 for one', { wish: { maxMonthly: usd('25') } }, undefined, 1],
    ['a cap of 25 for two', { wish: { maxMonthly: usd('25') }, quantity: 2 }, undefined, 2],
    ['just below', { wish: { maxMonthly: usd('49.99') } }, undefined, 1],
    ['reviewed prices, the dearest counts', { named: [named(1, '1'), named(2, '30')], quantity: 2 }, undefined, 2],
    ['terms offered now', { quantity: 5 }, '10', 2],
  ])('%s', (_name, more, offered, needed) => {
    expect(approvalsNeeded(request(more), offered === undefined ? undefined : usd(offered))).toBe(needed);
  });

  it('knows no total where no price is known', () => {
    expect(knownMonthly(request({ quantity: 9 }))).toBeUndefined();
  });
});

describe('approval', () => {
  const pending = (more: Partial<NumberRequest> = {}) => request(more, {}, 'restricted');

  it('one person, no terms: agreed at once', () => {
    const plan = planApproval(pending(), CHRIS, {}, NOW);
    expect(plan).toMatchObject({
      action: 'approved',
      signal: true,
      fields: { state: 'classified', agreedAt: NOW.toISOString() },
    });
  });

  it('with an undo time it counts only afterwards', () => {
    const plan = planApproval(pending(), CHRIS, { undoSeconds: 30 }, NOW);
    const until = new Date(NOW.getTime() + 30_000);
    expect(plan).toMatchObject({
      signal: until,
      fields: { agreedAt: until.toISOString(), undoUntil: until.toISOString() },
    });
  });

  it('of two the first leaves the state, the second decides, neither alone twice (403)', () => {
    const one = pending({ quantity: 10, wish: { maxMonthly: usd('10') }, approvalsNeeded: 2 });
    const first = planApproval(one, CHRIS, {}, NOW);
    expect(first.fields).not.toHaveProperty('state');
    const after = { ...one, ...first.fields };

    expect(codeOf(() => planApproval(after, CHRIS, {}, NOW))).toBe('own_approval');
    expect(planApproval(after, SAM, {}, NOW).fields).toMatchObject({ state: 'classified', decision: { by: SAM.id } });
  });

  it('the order of refusals: own request, decided, state', () => {
    const decision = { verdict: 'approved', by: SAM.id, byName: SAM.name, at: NOW.toISOString() } as const;
    expect(codeOf(() => planApproval(pending(), PAM, {}, NOW))).toBe('own_request');
    expect(codeOf(() => planApproval(pending({ state: 'classified', decision }), CHRIS, {}, NOW))).toBe(
      'already_decided',
    );
    expect(codeOf(() => planApproval(request(), CHRIS, {}, NOW))).toBe('wrong_state');
    const no = { reason: 'other', comment: 'no' };
    expect(codeOf(() => planRejection(pending(), PAM, no, NOW))).toBe('own_request');
    expect(codeOf(() => planRejection(pending({ state: 'sourcing', decision }), CHRIS, no, NOW))).toBe(
      'already_decided',
    );
    expect(codeOf(() => planRejection(request({ state: 'sourcing' }), CHRIS, no, NOW))).toBe('wrong_state');
  });

  it.each(['approval_pending', 'quote_pending', 'terms_pending', 'documents_review'] as const)(
    'rejects from %s',
    (state) => {
      const plan = planRejection(request({ state }), CHRIS, { reason: 'other', comment: 'no' }, NOW);
      expect(plan).toMatchObject({ signal: true, fields: { state: 'declined', waitingFor: 'nobody' } });
    },
  );

  it('is taken back within its time only', () => {
    const approved = { ...pending(), ...planApproval(pending(), CHRIS, { undoSeconds: 10 }, NOW).fields };
    expect(planUndo(approved, NOW).fields).toMatchObject({
      state: 'approval_pending',
      approvals: [],
      decision: undefined,
    });
    expect(codeOf(() => planUndo(approved, new Date(NOW.getTime() + 10_000)))).toBe('too_late');
    expect(codeOf(() => planUndo(pending(), NOW))).toBe('too_late');
  });
});

describe('terms', () => {
  const offered = request({
    state: 'terms_pending',
    waitingFor: 'customer',
    terms: termsOf(request(), termsBody, NOW),
  });

  it('are numbered on, and lie ahead', () => {
    expect(offered.terms).toMatchObject({ version: 1, state: 'offered', monthly: { interval: 'month' } });
    expect(termsOf(offered, termsBody, NOW).version).toBe(2);
    expect(codeOf(() => termsOf(offered, { ...termsBody, validUntil: NOW.toISOString() }, NOW))).toBe('past_time');
  });

  it('accepted: their price is the cap from then on', () => {
    expect(planAcceptance(offered, 1, NOW)).toMatchObject({
      signal: true,
      fields: { state: 'classified', agreedPrice: { monthly: { amount: '9.00' } }, terms: { state: 'accepted' } },
    });
  });

  it('another version, too late, or none on offer', () => {
    expect(codeOf(() => planAcceptance(offered, 2, NOW))).toBe('terms_changed');
    expect(codeOf(() => planAcceptance(offered, 1, new Date(ahead)))).toBe('terms_expired');
    expect(codeOf(() => planAcceptance(request({ state: 'terms_pending' }), 1, NOW))).toBe('wrong_state');
    expect(codeOf(() => planAcceptance({ ...offered, state: 'sourcing' }, 1, NOW))).toBe('wrong_state');
    expect(codeOf(() => planRefusal(request({ state: 'terms_pending' }), PAM, undefined, NOW))).toBe('wrong_state');
  });

  it('refused: declined', () => {
    expect(planRefusal(offered, PAM, 'dear', NOW).fields).toMatchObject({
      state: 'declined',
      terms: { state: 'refused' },
    });
  });
});

describe('papers', () => {
  const review = (requirements: NumberRequest['requirements'], more: Partial<NumberRequest> = {}) =>
    request({ state: 'documents_review', waitingFor: 'customer_success', requirements, ...more });

  it('the last missing one moves the request to its check', () => {
    const one = request({
      state: 'documents_pending',
      requirements: [requirement('a', 'missing'), requirement('b', 'missing')],
    });
    const first = planHandIn(one, 'a', { value: 'x' });
    expect(first.fields).not.toHaveProperty('state');
    const second = planHandIn({ ...one, ...first.fields }, 'b', { value: 'y' });
    expect(second.fields).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
  });

  it.each([
    ['of another kind', 'a', { address: undefined, documentId: 'doc_00000000000000000000000001' }, 'wrong_kind'],
    ['with two things', 'a', { value: 'x', documentId: 'doc_00000000000000000000000001' }, 'wrong_kind'],
    ['unknown', 'z', { value: 'x' }, 'not_found'],
    ['accepted already', 'b', { value: 'x' }, 'wrong_state'],
  ])('refused: %s', (_name, id, given, code) => {
    const one = review([requirement('a', 'missing'), requirement('b', 'accepted')]);
    expect(codeOf(() => planHandIn(one, id, given as never))).toBe(code);
  });

  it('after the order has left nothing is handed in any more', () => {
    const one = review([requirement('a', 'missing')], { state: 'ordering' });
    expect(codeOf(() => planHandIn(one, 'a', { value: 'x' }))).toBe('wrong_state');
  });

  it('papers not named stay; all accepted go on; one rejected goes back with its reason', () => {
    const both = [requirement('a', 'received'), requirement('b', 'received')];
    const part = planReview(review(both), { documents: [{ id: 'a', verdict: 'accepted' }] });
    expect(part).toMatchObject({
      action: 'papers_reviewed',
      fields: { requirements: [{ state: 'accepted' }, { state: 'received' }] },
    });
    expect(part.signal).toBeUndefined();
    const all = planReview({ ...review(both), ...part.fields }, { documents: [{ id: 'b', verdict: 'accepted' }] });
    expect(all).toMatchObject({ action: 'papers_accepted', signal: true });
    const bad = planReview(review(both), {
      documents: [{ id: 'a', verdict: 'rejected', reason: 'expired', remark: '2019' }],
    });
    expect(bad.fields).toMatchObject({
      state: 'documents_pending',
      requirements: [{ state: 'rejected', remark: 'expired: 2019' }, {}],
    });
  });

  it('a stranger and an empty list are refused; a list that is complete is not', () => {
    expect(codeOf(() => planReview(review([]), { documents: [{ id: 'z', verdict: 'accepted' }] }))).toBe(
      'unknown_document',
    );
    expect(codeOf(() => planReview(review([]), { documents: [] }))).toBe('invalid_input');
    const papers = { known: false, state: 'open', revision: 1 } as const;
    expect(planReview(review([], { papers }), { documents: [], listComplete: true })).toMatchObject({
      signal: true,
      fields: { papers: { known: true } },
    });
  });

  it('R2: a list that changed keeps what was handed in', () => {
    const had = [
      requirement('a', 'accepted', { value: 'x' }),
      requirement('old', 'missing'),
      requirement('extra', 'received'),
    ];
    const listed = (requirementId: string, description: string) =>
      ({
        requirementId,
        kind: 'text',
        name: requirementId,
        description,
        required: true,
        acceptedEvidence: [],
      }) as const;
    const now = mergeRequirements(had, [listed('a', 'new words'), listed('b', '')]);

    expect(now.map(({ requirementId, state }) => `${requirementId} ${state}`)).toEqual([
      'a accepted',
      'b missing',
      'extra received',
    ]);
    expect(now[0]).toMatchObject({ value: 'x', description: 'new words' });
  });
});

describe('questions', () => {
  const asked = (more: Partial<NumberRequest>) => {
    const one = request(more);
    return { ...one, ...planQuestion(one, { question: 'Why?' }, NOW).fields };
  };

  it.each<[Partial<NumberRequest>, string, string]>([
    [{ state: 'approval_pending' }, 'approval_pending', 'customer_success'],
    [{ state: 'terms_pending', terms: termsOf(request(), termsBody, NOW) }, 'terms_pending', 'customer'],
    [{ state: 'documents_pending', requirements: [requirement('a', 'missing')] }, 'documents_pending', 'customer'],
    [
      { state: 'documents_pending', requirements: [requirement('a', 'received')] },
      'documents_review',
      'customer_success',
    ],
    [
      { state: 'documents_review', papers: { known: true, state: 'submitted', revision: 1 } },
      'documents_review',
      'carrier',
    ],
  ])('the answer goes back to where it stood: %j', (more, state, waitingFor) => {
    const one = asked(more);
    expect(one).toMatchObject({ state: 'info_requested', waitingFor: 'customer' });
    const plan = planInformation(one, { answer: 'because' }, NOW);
    expect(plan).toMatchObject({ signal: true, fields: { state, waitingFor, question: { answer: 'because' } } });
  });

  it('is possible while nothing is ordered, and answered while it is open', () => {
    expect(codeOf(() => planQuestion(request({ state: 'sourcing' }), { question: '?' }, NOW))).toBe('wrong_state');
    expect(
      codeOf(() => planQuestion(request({ state: 'terms_pending' }), { question: '?', dueAt: NOW.toISOString() }, NOW)),
    ).toBe('past_time');
    expect(codeOf(() => planInformation(request(), { answer: 'x' }, NOW))).toBe('wrong_state');
  });

  const choosing = (more: Partial<NumberRequest> = {}) =>
    request({
      state: 'info_requested',
      named: [named(1), named(2)],
      quantity: 2,
      question: {
        code: 'choose_another_number',
        text: '',
        fields: ['numbers'],
        numbers: [named(2).number],
        askedAt: NOW.toISOString(),
      },
      ...more,
    });
  const given = (...numbers: number[]) => ({ answer: 'x', fields: { numbers: numbers.map((n) => named(n)) } });

  it('as many as are gone replace those, as many as were asked for replace all', () => {
    const numbersAfter = (...numbers: number[]) =>
      planInformation(choosing(), given(...numbers), NOW).fields.named?.map(({ number }) => number);
    expect(numbersAfter(3)).toEqual([named(1).number, named(3).number]);
    expect(numbersAfter(4, 5)).toEqual([named(4).number, named(5).number]);
    expect(codeOf(() => planInformation(choosing(), given(3, 4, 5), NOW))).toBe('invalid_number');
    expect(codeOf(() => planInformation(choosing(), { answer: 'x' }, NOW))).toBe('invalid_number');
    expect(
      planInformation(choosing({ alternatives: [{ areaCode: '161' }] }), { answer: 'any' }, NOW).fields,
    ).toMatchObject({
      state: 'classified',
    });
  });
});

describe('turns and ends', () => {
  it.each([
    ['quote_pending', 'customer_success'],
    ['documents_pending', 'customer'],
    ['documents_review', 'customer_success'],
    ['ordering', 'carrier'],
    ['sourcing', 'nobody'],
  ] as const)('%s is the turn of %s', (state, turn) => {
    expect(turnOf(request({ state }))).toBe(turn);
  });

  const failure = { code: 'insufficient_funds', detail: 'x' };
  it.each([
    ['all bought', 2, [intent(0, 'settled'), intent(1, 'settled')], 'completed', undefined],
    [
      'some bought',
      2,
      [intent(0, 'settled'), intent(1, 'refused', { failure })],
      'partially_completed',
      'not_enough_numbers',
    ],
    ['none bought', 2, [intent(0, 'refused', { failure })], 'failed', 'insufficient_funds'],
    ['nothing found', 1, [], 'failed', 'not_enough_numbers'],
    [
      'P18: an issue',
      1,
      [intent(0, 'settled', { issue: 'feature_missing' })],
      'completed_with_issue',
      'feature_missing',
    ],
  ] as const)('%s', (_name, quantity, intents, state, code) => {
    const end = endOf(request({ quantity }), intents);
    expect([end.state, end.failure?.code]).toEqual([state, code]);
  });
});
