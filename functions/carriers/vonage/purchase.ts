import { CarrierError } from '../../domain/errors.ts';
import { compareMoney } from '../../domain/money.ts';
import type { Call, Outcome, Refusal } from '../outcome.ts';
import type { Bought, Order } from '../port.ts';
import { readBalance } from './balance.ts';
import { METHOD_FAILED } from './errors.ts';
import { findOwned } from './owned.ts';
import { findOffer, type SearchParts } from './search.ts';
import { toBought, toMsisdn } from './wire.ts';
import { writeNumber } from './writes.ts';

/**
 * Buys one named number. The answer names no features and carries no reference, so the number is looked up on the account
 * afterwards; not seen there yet, the end is `unknown` and the probe goes on looking.
 */
export async function purchase(parts: SearchParts, order: Order, call: Call): Promise<Outcome<Bought>> {
  const target = { country: order.country, msisdn: toMsisdn(order.number) };
  const written = await writeNumber(parts, 'purchase', call, (numbers) => numbers.buyNumber({ ...target }));
  if (written.kind === 'unknown') return written;
  if (written.kind === 'refused' && written.refusal.carrierCode !== METHOD_FAILED) return written;
  try {
    const owned = await findOwned(parts, order.number, call);
    if (written.kind === 'refused') {
      return { kind: 'refused', refusal: await explain(parts, order, written.refusal, owned !== undefined, call) };
    }
    if (owned !== undefined) {
      return { kind: 'done', value: toBought(order.number, owned), refs: { numberId: owned.msisdn } };
    }
  } catch (error) {
    if (!(error instanceof CarrierError)) throw error;
  }
  return { kind: 'unknown', reason: 'server_error', refs: {} };
}

/**
 * What 420 meant: on the account already (this order bought nothing; the probe says "ours", since the gateway's claim lets
 * one request at a time want a number), no longer offered, or papers, credit or something for the case worker, by the label
 * and the balance (vonage.md §3).
 */
async function explain(
  parts: SearchParts,
  order: Order,
  refusal: Refusal,
  isOwned: boolean,
  call: Call,
): Promise<Refusal> {
  if (isOwned) return { ...refusal, class: 'NumberUnavailable', code: 'owned_by_other' };
  if (refusal.code !== 'other') return refusal;
  const offer = await findOffer(parts, order, call);
  if (offer === undefined) return { ...refusal, class: 'NumberUnavailable', code: 'not_available' };
  const isShort = offer.monthly !== undefined && compareMoney(await readBalance(parts, call), offer.monthly) === -1;
  return isShort ? { ...refusal, class: 'CarrierUnusable', code: 'insufficient_funds' } : refusal;
}
