import type { Outcome, Refusal } from '../carriers/outcome.ts';
import type { Bought, Carrier, Probe } from '../carriers/port.ts';
import { CarrierBusy, NotFound, NumberUnavailable } from '../domain/errors.ts';
import { compareMoney } from '../domain/money.ts';
import { ConditionFailed } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import { type BuyDeps, callWithin, READ_MS, WRITE_MS } from './buy-deps.ts';
import { putOnHold } from './hold.ts';
import { orderOf, withdraw } from './hold-numbers.ts';
import type { Intent } from './intent-schema.ts';
import { changeIntent, findIntent, hasOrdered } from './intent-store.ts';
import { offerNewPrice } from './price-changed.ts';
import { ItemPlace, Purchased } from './purchase-schema.ts';
import { readRequest } from './save.ts';
import { accepted, bought, notFound, refused, sendLater, unclear } from './settle-purchase.ts';

/** Throws NotFound when the workflow names an intent that was never recorded: a bug, never money. */
export async function getIntent(deps: Pick<BuyDeps, 'table'>, place: ItemPlace): Promise<Intent> {
  const intent = await findIntent(deps.table, place);
  if (!intent)
    throw new NotFound({ code: 'not_found', detail: `No intent ${place.requestId}.${place.item}.${place.attempt}.` });
  return intent;
}

/**
 * Orders once, however often it runs: the run that moves the intent from `recorded` to `sent` orders, every other one only
 * asks; a settled intent repeats its stored end (reliability §2, steps 5–8).
 */
export const purchaseNumber = task({
  name: 'PurchaseNumber',
  input: ItemPlace,
  output: Purchased,
  async run(place, deps: BuyDeps): Promise<Purchased> {
    const intent = await getIntent(deps, place);
    switch (intent.state) {
      case 'settled':
      case 'bought':
        return { outcome: 'bought' };
      case 'refused':
      case 'withdrawn':
        return { outcome: refusedAs(intent) };
      case 'recorded':
        return order(deps, intent);
      case 'sent':
        return ask(deps, intent);
    }
  },
});

function refusedAs({ failure, refusalClass }: Intent): Purchased['outcome'] {
  if (failure?.code === 'price_changed') return 'price_changed';
  return refusalClass === 'DocumentsRequired' ? 'papers_missing' : 'refused';
}

/** Checked once more right before the order (P17): given up unsent, and the next choice finds the hold. */
async function holdStop(deps: BuyDeps, intent: Intent): Promise<Purchased | undefined> {
  if (!(await putOnHold(deps, await readRequest(deps, intent)))) return undefined;
  await withdraw(deps, intent, { code: 'on_hold', detail: 'The account may not buy at the moment.' });
  return { outcome: 'refused' };
}

async function order(deps: BuyDeps, intent: Intent): Promise<Purchased> {
  const carrier = await deps.carriers.get(intent.carrier);
  const stop = (await holdStop(deps, intent)) ?? (await priceStop(deps, carrier, intent));
  if (stop) return stop;
  const sent = await markSent(deps, intent);
  if (!sent) return ask(deps, await getIntent(deps, intent));
  const outcome = await purchase(carrier, deps, sent);
  if (outcome === 'not_sent') return sendLater(deps, sent, { class: 'CarrierBusy', code: 'carrier_down' });
  return judge(deps, carrier, sent, outcome);
}

/** The conditional write that exactly one run wins; only the winner's order leaves. */
async function markSent(deps: BuyDeps, intent: Intent): Promise<Intent | undefined> {
  const { intent: sent, write } = changeIntent(intent, { state: 'sent', sends: intent.sends + 1 }, deps.clock.now());
  try {
    await deps.table.write([write]);
    return sent;
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
}

async function purchase(carrier: Carrier, deps: BuyDeps, intent: Intent): Promise<Outcome<Bought> | 'not_sent'> {
  try {
    return await carrier.purchase(orderOf(deps, intent), callWithin(WRITE_MS));
  } catch (error) {
    // By contract a write throws this class only when nothing left; anything else says nothing about the order.
    if (error instanceof CarrierBusy) return 'not_sent';
    deps.log.error('purchase_threw', error, { reference: intent.reference, carrier: intent.carrier });
    return { kind: 'unknown', reason: 'connection_lost', refs: {} };
  }
}

/**
 * Asks the price right before the order; dearer than agreed: not bought (step 6, P9). For Telnyx this is also the search an
 * order needs. A number that is gone is given up without an order; a price that cannot be asked leaves the one just seen.
 */
async function priceStop(deps: BuyDeps, carrier: Carrier, intent: Intent): Promise<Purchased | undefined> {
  const quote = await askPrice(deps, carrier, intent);
  if (quote === 'gone') {
    await withdraw(deps, intent, { code: 'not_available', detail: 'The number was just taken.' });
    return { outcome: 'refused' };
  }
  const request = await readRequest(deps, intent);
  const named = request.named.find((one) => one.number === intent.number)?.monthly;
  const cap = request.agreedPrice?.monthly ?? named ?? intent.monthly;
  if (!quote || !cap || compareMoney(quote.monthly, cap) !== 1) return undefined;
  await withdraw(deps, intent, {
    code: 'price_changed',
    detail: `It costs ${quote.monthly.amount} ${quote.monthly.currency} a month now.`,
  });
  await offerNewPrice(deps, request, quote);
  return { outcome: 'price_changed' };
}

async function askPrice(deps: BuyDeps, carrier: Carrier, { number, country, type, reference }: Intent) {
  try {
    return await carrier.quote({ number, country, type }, callWithin(READ_MS));
  } catch (error) {
    if (error instanceof NumberUnavailable) return 'gone' as const;
    deps.log.warn('quote_failed', { reference, error: error instanceof Error ? error.name : 'unknown' });
    return undefined;
  }
}

async function judge(deps: BuyDeps, carrier: Carrier, intent: Intent, outcome: Outcome<Bought>): Promise<Purchased> {
  switch (outcome.kind) {
    case 'done':
      return bought(deps, intent, outcome.value, outcome.refs);
    case 'accepted':
      return accepted(deps, intent, outcome);
    case 'unknown':
      return unclear(deps, intent, outcome.refs);
    case 'refused':
      return believeRefusal(deps, carrier, intent, outcome.refusal);
  }
}

/** A refusal is believed only after a probe: it may mean that the number is ours already (step 7). */
async function believeRefusal(deps: BuyDeps, carrier: Carrier, intent: Intent, refusal: Refusal): Promise<Purchased> {
  const probe = await look(deps, carrier, intent);
  if (probe === 'no_answer') return unclear(deps, intent, {});
  if (probe.kind !== 'nothing' && probe.kind !== 'theirs') return settle(deps, intent, probe);
  if (refusal.notProcessed && probe.kind === 'nothing') return sendLater(deps, intent, refusal);
  return refused(deps, intent, refusal);
}

/** Somebody sent the order before: only ask. */
async function ask(deps: BuyDeps, intent: Intent): Promise<Purchased> {
  if (intent.state !== 'sent')
    return {
      outcome: intent.state === 'recorded' ? 'later' : hasOrdered([intent]) ? 'bought' : refusedAs(intent),
      pollAfter: 2,
    };
  const carrier = await deps.carriers.get(intent.carrier);
  const probe = await look(deps, carrier, intent);
  if (probe === 'no_answer') return unclear(deps, intent, {});
  return settle(deps, intent, probe);
}

async function look(deps: BuyDeps, carrier: Carrier, intent: Intent): Promise<Probe | 'no_answer'> {
  try {
    return await carrier.probe(orderOf(deps, intent), callWithin(READ_MS));
  } catch (error) {
    deps.log.warn('probe_failed', {
      reference: intent.reference,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return 'no_answer';
  }
}

function settle(deps: BuyDeps, intent: Intent, probe: Probe): Promise<Purchased> {
  switch (probe.kind) {
    case 'ours':
      return bought(deps, intent, probe.value, probe.refs);
    case 'in_progress':
      return accepted(deps, intent, probe);
    case 'failed':
      return refused(deps, intent, probe.refusal);
    case 'theirs':
      return refused(deps, intent, { class: 'NumberUnavailable', code: 'owned_by_other' });
    case 'nothing':
      // Only a person's word ends an order that was sent and cannot be found (step 8).
      if (intent.verdict === 'not_bought')
        return refused(deps, intent, { class: 'NumberUnavailable', code: 'not_available' });
      return intent.verdict === 'bought' ? notFound(deps, intent) : unclear(deps, intent, {});
  }
}
