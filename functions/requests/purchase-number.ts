import type { Outcome, Refusal } from '../carriers/outcome.ts';
import type { Bought, Carrier, Probe } from '../carriers/port.ts';
import { CarrierBusy, NotFound } from '../domain/errors.ts';
import { ConditionFailed } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import type { Price } from './agreed-price.ts';
import { checkBeforeOrder } from './before-order.ts';
import { type BuyDeps, callWithin, READ_MS, WRITE_MS } from './buy-deps.ts';
import { orderOf } from './hold-numbers.ts';
import type { Intent, KnownRefusal } from './intent-schema.ts';
import { changeIntent, findIntent, hasOrdered } from './intent-store.ts';
import { ItemPlace, Purchased } from './purchase-schema.ts';
import { accepted, bought, notFound, notSent, refused, sendLater, unclear } from './settle-purchase.ts';

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

async function order(deps: BuyDeps, intent: Intent): Promise<Purchased> {
  const carrier = await deps.carriers.get(intent.carrier);
  const checked = await checkBeforeOrder(deps, carrier, intent);
  if ('stop' in checked) return checked.stop;
  const sent = await markSent(deps, intent, checked.price);
  if (!sent) return ask(deps, await getIntent(deps, intent));
  const outcome = await purchase(carrier, deps, sent);
  return outcome instanceof CarrierBusy ? notSent(deps, sent, outcome) : judge(deps, carrier, sent, outcome);
}

/** The conditional write that exactly one run wins; only the winner's order leaves. */
async function markSent(deps: BuyDeps, intent: Intent, price: Price): Promise<Intent | undefined> {
  const fields = { state: 'sent', sends: intent.sends + 1, monthly: price.monthly, setup: price.setup } as const;
  const { intent: sent, write } = changeIntent(intent, fields, deps.clock.now());
  try {
    await deps.table.write([write]);
    return sent;
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
}

async function purchase(carrier: Carrier, deps: BuyDeps, intent: Intent): Promise<Outcome<Bought> | CarrierBusy> {
  try {
    return await carrier.purchase(orderOf(deps, intent), callWithin(WRITE_MS));
  } catch (error) {
    // By contract a write throws this class only when nothing left; anything else says nothing about the order.
    if (error instanceof CarrierBusy) return error;
    deps.log.error('purchase_threw', error, { reference: intent.reference, carrier: intent.carrier });
    return { kind: 'unknown', reason: 'connection_lost', refs: {} };
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
  // Kept: the next probe that finds nothing confirms it.
  if (probe === 'no_answer') return unclear(deps, intent, {}, refusal);
  if (probe.kind !== 'nothing' && probe.kind !== 'theirs') return settle(deps, intent, probe);
  return probe.kind === 'nothing' ? confirmed(deps, intent, refusal) : refused(deps, intent, refusal);
}

const confirmed = (deps: BuyDeps, intent: Intent, refusal: KnownRefusal): Promise<Purchased> =>
  refusal.notProcessed ? sendLater(deps, intent, refusal) : refused(deps, intent, refusal);

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
      // On our account without our reference: against a person's word nothing is given up (step 8).
      if (intent.verdict === 'bought') return notFound(deps, intent);
      return refused(deps, intent, { class: 'NumberUnavailable', code: 'owned_by_other' });
    case 'nothing':
      return nothingFound(deps, intent);
  }
}

/** Only a person's word ends an order that was sent and cannot be found (step 8), unless the carrier has refused it. */
function nothingFound(deps: BuyDeps, intent: Intent): Promise<Purchased> {
  if (intent.verdict === 'not_bought')
    return refused(deps, intent, { class: 'NumberUnavailable', code: 'not_available' });
  if (intent.verdict === 'bought') return notFound(deps, intent);
  const only = intent.sends === 1 ? intent.refusal : undefined;
  return only ? confirmed(deps, intent, only) : unclear(deps, intent, {});
}
