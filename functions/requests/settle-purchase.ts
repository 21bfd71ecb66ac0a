import { pauseWrite } from '../carriers/pause-store.ts';
import type { Bought } from '../carriers/port.ts';
import type { CarrierBusy } from '../domain/errors.ts';
import { ConditionFailed } from '../platform/table.ts';
import type { BuyDeps } from './buy-deps.ts';
import type { Intent, KnownRefusal } from './intent-schema.ts';
import { changeIntent, freeClaim } from './intent-store.ts';
import { papersRefused } from './papers-refused.ts';
import type { Purchased } from './purchase-schema.ts';
import { failureOf } from './refusal-words.ts';
import { showUnclear } from './show-resolving.ts';
import { wrongNumber } from './wrong-number.ts';

/** Times an order may leave after answers documented as not processed (api-map §13, Order ends). */
const MOST_SENDS = 3;
/** How long an order that cannot leave is tried again before another carrier is asked (P8). */
const PATIENCE_SECONDS = 15 * 60;
const PERSON_POLL_SECONDS = 6 * 3600;
/** A person has spoken, but the carrier gave no answer: asked again soon. */
const VERDICT_POLL_SECONDS = 60;

async function store(
  deps: BuyDeps,
  intent: Intent,
  fields: Partial<Intent>,
  also: Parameters<BuyDeps['table']['write']>[0] = [],
): Promise<boolean> {
  try {
    await deps.table.write([changeIntent(intent, fields, deps.clock.now()).write, ...also]);
    return true;
  } catch (error) {
    // Another run has judged it meanwhile: its word is as good as ours and is read by the next look.
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

export async function bought(deps: BuyDeps, intent: Intent, value: Bought, refs: Intent['refs']): Promise<Purchased> {
  const wrong = value.number !== intent.number;
  if (wrong && intent.verdict === 'not_bought')
    return refused(deps, intent, { class: 'NumberUnavailable', code: 'not_available' });
  if (wrong) return wrongNumber(deps, intent, value);
  const fields: Partial<Intent> = {
    state: 'bought',
    refs: { ...intent.refs, ...refs },
    carrierNumberId: value.carrierNumberId,
    boughtFeatures: [...value.features],
    ...(value.monthly ? { monthly: value.monthly } : {}),
    ...(intent.wantedFeatures.every((feature) => value.features.includes(feature)) ? {} : { issue: 'feature_missing' }),
  };
  return (await store(deps, intent, fields)) ? { outcome: 'bought' } : { outcome: 'unclear' };
}

export async function accepted(
  deps: BuyDeps,
  intent: Intent,
  outcome: { refs: Intent['refs']; pollAfterSeconds: number; reviewing?: boolean },
): Promise<Purchased> {
  const reviewing = outcome.reviewing ?? false;
  await store(deps, intent, {
    lastOutcome: 'accepted',
    reviewing,
    refs: { ...intent.refs, ...outcome.refs },
    probes: intent.probes + 1,
  });
  return { outcome: 'accepted', pollAfter: Math.max(1, Math.ceil(outcome.pollAfterSeconds)) };
}

/** @param refusal the carrier's word, kept until a probe confirms it */
export async function unclear(
  deps: BuyDeps,
  intent: Intent,
  refs: Intent['refs'],
  refusal?: KnownRefusal,
): Promise<Purchased> {
  const known = refusal ? { refusal } : {};
  const merged = { ...intent.refs, ...refs };
  deps.log.warn('order_unclear', { carrier: intent.carrier, reference: intent.reference, probes: intent.probes });
  await store(deps, intent, { lastOutcome: 'unclear', refs: merged, probes: intent.probes + 1, ...known });
  await showUnclear(deps, intent);
  return { outcome: 'unclear', pollAfter: intent.verdict ? VERDICT_POLL_SECONDS : PERSON_POLL_SECONDS };
}

/** The carrier shows nothing though a person says it was bought: nothing is guessed, the person is asked again. */
export async function notFound(deps: BuyDeps, intent: Intent): Promise<Purchased> {
  const asked = { verdict: undefined, refusal: undefined } as const;
  await store(deps, intent, { lastOutcome: 'unclear', ...asked, probes: intent.probes + 1 });
  return { outcome: 'unclear', pollAfter: PERSON_POLL_SECONDS };
}

/**
 * Nothing left us, so it does not count as sent: the same order again, ever more slowly; after a quarter of an hour it is
 * given up unsent and another carrier is asked. Nobody else is kept from this carrier by it (P8).
 */
export async function notSent(deps: BuyDeps, intent: Intent, busy: CarrierBusy): Promise<Purchased> {
  const age = (deps.clock.now().getTime() - Date.parse(intent.createdAt)) / 1000;
  const sends = intent.sends - 1;
  if (age < PATIENCE_SECONDS) {
    await store(deps, intent, { state: 'recorded', lastOutcome: 'later', sends });
    const wait = Math.min(60, busy.retryAfterSeconds ?? 0) || Math.min(300, Math.max(2, age));
    return { outcome: 'later', pollAfter: Math.ceil(Math.min(wait, PATIENCE_SECONDS - age)) };
  }
  const failure = { code: busy.code, detail: 'The carrier could not be reached; nothing was ordered.' };
  const fields = { state: 'withdrawn', failure, refusalClass: 'CarrierBusy', sends } as const;
  deps.log.error('carrier_unreachable', busy, { carrier: intent.carrier, reference: intent.reference });
  return (await store(deps, intent, fields, [freeClaim(intent)])) ? { outcome: 'refused' } : { outcome: 'unclear' };
}

/** The carrier documents that nothing was done: the same intent may be sent again, a few times. */
export async function sendLater(deps: BuyDeps, intent: Intent, refusal: KnownRefusal): Promise<Purchased> {
  if (intent.sends >= MOST_SENDS) return refused(deps, intent, refusal);
  await store(deps, intent, { state: 'recorded', lastOutcome: 'later', refusal: undefined });
  return {
    outcome: 'later',
    pollAfter: Math.min(60, Math.max(1, Math.ceil(refusal.retryAfterSeconds ?? 2 ** intent.sends))),
  };
}

/** A confirmed refusal frees the claim and allows another choice; a carrier that cannot be used is passed over a while. */
export async function refused(deps: BuyDeps, intent: Intent, refusal: KnownRefusal): Promise<Purchased> {
  const failure = failureOf(intent, refusal);
  const { carrier, reference } = intent;
  const { code, carrierCode, carrierText } = refusal;
  deps.log.warn('order_refused', { carrier, reference, code, carrierCode, carrierText });
  const pause = refusal.class === 'CarrierUnusable' ? [pauseWrite(intent.carrier, refusal.code, deps.clock.now())] : [];
  const done = await store(
    deps,
    intent,
    { state: 'refused', failure, refusal: undefined, refusalClass: refusal.class },
    [freeClaim(intent), ...pause],
  );
  if (pause.length > 0) deps.log.error('carrier_passed_over', new Error(code), { carrier, code });
  if (!done) return { outcome: 'unclear' };
  if (refusal.class !== 'DocumentsRequired') return { outcome: 'refused' };
  await papersRefused(deps, intent, carrierText ?? code.replaceAll('_', ' '));
  return { outcome: 'papers_missing' };
}
