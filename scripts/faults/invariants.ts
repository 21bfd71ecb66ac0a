import type { Intent } from '../../functions/requests/intent-schema.ts';
import { isFinal } from '../../functions/requests/move.ts';
import type { NumberRequest } from '../../functions/requests/schema.ts';
import { waitKindOf } from '../../functions/requests/waiting.ts';
import { type Bought, type Facts, factsOf, type Truth } from './facts.ts';

/** The invariants of reliability §1 that a purchase can break. */
export const INVARIANTS = ['I1', 'I2', 'I3', 'I4', 'I5', 'I8', 'I9', 'I12'] as const;
export type InvariantId = (typeof INVARIANTS)[number];
export interface Violation {
  readonly id: InvariantId;
  readonly what: string;
}

/** What does not hold; empty when everything does. */
export function violationsOf(truth: Truth): readonly Violation[] {
  const facts = factsOf(truth.items);
  const told = (id: InvariantId, found: readonly string[]): Violation[] => found.map((what) => ({ id, what }));
  return [
    ...told('I1', overspent(facts, truth.bought)),
    ...told('I2', ownerless(facts, truth)),
    ...told('I3', notOwned(facts, truth.bought)),
    ...told('I4', forgotten(facts, truth.alive)),
    ...told('I5', lost(facts, truth.acknowledged)),
    ...told('I8', miscounted(facts)),
    ...told('I9', unaudited(facts)),
    ...told('I12', misinformed(facts, truth.mails)),
  ];
}

const intentOf = (facts: Facts, { carrier, number }: Bought): Intent | undefined => {
  const named = facts.intents.filter((intent) => intent.number === number && intent.carrier === carrier);
  return named.find(({ state }) => state !== 'withdrawn' && state !== 'refused') ?? named.at(-1);
};

/** I1: as the carrier's ledger has it, no request bought more than was asked for, and nothing was bought twice. */
function overspent(facts: Facts, bought: readonly Bought[]): string[] {
  const twice = bought
    .filter((one) => one.purchases > 1)
    .map((one) => `${one.number} was bought ${one.purchases} times`);
  const only = facts.requests.length === 1 ? facts.requests[0]?.id : undefined;
  const meant = bought.filter(({ number }) => !isQuarantined(facts, number));
  const spent = Map.groupBy(meant, (one) => one.request ?? intentOf(facts, one)?.requestId ?? only);
  const over = facts.requests.flatMap(({ id, quantity }) => {
    const count = (spent.get(id) ?? []).reduce((sum, one) => sum + Math.max(1, one.purchases), 0);
    return count > quantity ? [`${id} asked for ${quantity} and bought ${count}`] : [];
  });
  return [...twice, ...over];
}

/** I2, as far as it holds without reconcile: in one inventory, the payer's; or its request is still at it; or quarantined. */
function ownerless(facts: Facts, truth: Truth): string[] {
  return truth.bought.flatMap((one) => {
    const record = facts.numbers.find(({ number, state }) => number === one.number && state === 'active');
    if (record) {
      if (record.carrier !== one.carrier) return [`${one.number} is recorded at ${record.carrier}, not ${one.carrier}`];
      const rows = facts.rows.filter((id) => id === record.id).length;
      if (rows !== 1) return [`${one.number} lies in ${rows} inventories`];
      if (one.request && record.numberRequestId !== one.request)
        return [`${one.number} was bought by ${one.request} and went to ${record.numberRequestId}`];
      return [];
    }
    const intent = facts.intents.find(
      ({ number, carrier, requestId, state }) =>
        number === one.number &&
        carrier === one.carrier &&
        (one.request === undefined || requestId === one.request) &&
        (state === 'sent' || state === 'bought'),
    );
    const request = facts.requests.find(({ id }) => id === intent?.requestId);
    if (request && !isFinal(request)) return [];
    return isQuarantined(facts, one.number) ? [] : [`${one.number} at ${one.carrier} (${one.state}) is nobody's`];
  });
}

/** What a carrier sold instead of what was ordered is nobody's until a person has looked (P13). */
const isQuarantined = (facts: Facts, number: string): boolean =>
  facts.numbers.some((record) => record.number === number && record.state === 'quarantined') ||
  facts.tasks.some((task) => task.kind === 'quarantine' && task.state === 'open' && task.detail.includes(number));

/** I3: what is shown as active is owned where the record says. */
function notOwned(facts: Facts, bought: readonly Bought[]): string[] {
  return facts.numbers
    .filter(({ state }) => state === 'active')
    .filter(
      ({ number, carrier }) =>
        !bought.some((one) => one.number === number && one.carrier === carrier && one.state === 'owned'),
    )
    .map(({ number, carrier }) => `${number} is active but not owned at ${carrier}`);
}

/** I4: ended, or something runs for it, or a person has it with a due date (and something waits for that person's word). */
function forgotten(facts: Facts, alive: ReadonlySet<string>): string[] {
  return facts.requests.flatMap((request) => {
    if (isFinal(request)) return [];
    if (!alive.has(request.id)) return [`${request.id} is ${request.state} and nothing runs for it`];
    if (!isForPerson(request)) return [];
    const task = facts.tasks.find(({ subject, state }) => subject.id === request.id && state === 'open');
    const isDue = request.nextTimerAt !== undefined || task?.dueAt !== undefined;
    return isDue
      ? []
      : [`${request.id} waits for ${request.waitingFor} with neither timer nor task (${request.state})`];
  });
}

/** True when only a person's word moves the request on. */
export const isForPerson = (request: NumberRequest): boolean =>
  waitKindOf(request) !== undefined || request.waitingFor === 'customer_success';

/** I5: what was acknowledged is there. */
function lost(facts: Facts, acknowledged: readonly string[]): string[] {
  return acknowledged.filter((id) => !facts.requests.some((one) => one.id === id)).map((id) => `${id} is gone`);
}

/** I8: counters equal counts and keep the limit; what a request held goes back with its end. */
function miscounted(facts: Facts): string[] {
  const found: string[] = [];
  for (const tenant of facts.tenants) {
    const { used, held, taken } = facts.counters.get(tenant.id) ?? { used: 0, held: 0, taken: 0 };
    const numbers = facts.numbers.filter(({ tenantId, state }) => tenantId === tenant.id && state === 'active').length;
    const slots = facts.requests
      .filter(({ tenantId }) => tenantId === tenant.id)
      .reduce((sum, one) => sum + one.slots, 0);
    if (used !== numbers) found.push(`${tenant.id} uses ${numbers} numbers, counted ${used}`);
    if (taken !== slots) found.push(`${tenant.id} holds ${slots} slots, counted ${taken}`);
    if (held !== taken - used || held < 0)
      found.push(`${tenant.id}: ${used} used + ${held} held is not ${taken} taken`);
    if (taken > tenant.numberLimit) found.push(`${tenant.id} took ${taken} of ${tenant.numberLimit}`);
  }
  for (const request of facts.requests.filter(isClosed)) {
    const settled = facts.intents.filter(
      ({ requestId, state }) => requestId === request.id && state === 'settled',
    ).length;
    if (request.slots !== settled) found.push(`${request.id} ended with ${request.slots} slots for ${settled} numbers`);
    const claims = facts.claims.filter(({ requestId }) => requestId === request.id);
    for (const { number } of claims) found.push(`${request.id} ended and still claims ${number}`);
  }
  return found;
}

const isClosed = (request: NumberRequest): boolean =>
  isFinal(request) && request.timeline.some(({ step }) => step === 'closed');

/** I9: a thing at version n has the audit entries 1…n and no other. */
function unaudited(facts: Facts): string[] {
  const things = [...facts.requests, ...facts.numbers, ...facts.tickets, ...facts.tenants];
  return things.flatMap(({ id, version }) => {
    const written = [...(facts.audited.get(id) ?? [])].sort((a, b) => a - b).join();
    const due = Array.from({ length: version }, (_, at) => at + 1).join();
    return written === due ? [] : [`${id} is at version ${version}, its audit entries are ${written || 'none'}`];
  });
}

/** I12: one ticket a request; each message key once, told only of what was committed, and told in the end. */
function misinformed(facts: Facts, mails: readonly string[]): string[] {
  const found: string[] = [];
  const written = facts.lines.flatMap(({ line }) => (line.kind === 'mail' ? [line.mail.messageKey] : []));
  for (const { id, state } of facts.requests) {
    const tickets = facts.tickets.filter(({ numberRequestId }) => numberRequestId === id).length;
    if (tickets !== 1) found.push(`${id} has ${tickets} tickets`);
    const due = [`${id}.opened.customer_success`, `${id}.opened.requester`];
    if (isFinal({ state })) due.push(`${id}.closed.requester`);
    for (const key of due)
      if (written.filter((one) => one === key).length !== 1) found.push(`${key} was not written once`);
  }
  for (const key of new Set(mails)) if (!written.includes(key)) found.push(`${key} was sent, but never written down`);
  for (const key of new Set(written)) if (!mails.includes(key)) found.push(`${key} was never sent`);
  for (const { line, state } of facts.lines)
    if (state !== 'delivered') found.push(`a line of kind ${line.kind} is still ${state}`);
  return found;
}
