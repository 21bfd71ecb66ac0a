import { CarrierError } from '../../domain/errors.ts';
import type { Call, Outcome } from '../outcome.ts';
import type { Carrier } from '../port.ts';
import { METHOD_FAILED } from './errors.ts';
import { findOwned } from './owned.ts';
import type { SearchParts } from './search.ts';
import { toMsisdn } from './wire.ts';
import { writeNumber } from './writes.ts';

/** Gives the number back, at once. 420 for a number that is not on the account means it is gone already (B2). */
export async function release(
  parts: SearchParts,
  owned: Parameters<Carrier['release']>[0],
  call: Call,
): Promise<Outcome<undefined>> {
  const target = { country: owned.country, msisdn: toMsisdn(owned.number) };
  const written = await writeNumber(parts, 'release', call, (numbers) => numbers.cancelNumber({ ...target }));
  if (written.kind === 'unknown') return written;
  if (written.kind === 'refused' && written.refusal.carrierCode !== METHOD_FAILED) return written;
  if (written.kind === 'answered') return { kind: 'done', value: undefined, refs: {} };
  try {
    const isThere = (await findOwned(parts, owned.number, call)) !== undefined;
    return isThere ? written : { kind: 'done', value: undefined, refs: {} };
  } catch (error) {
    if (error instanceof CarrierError) return { kind: 'unknown', reason: 'server_error', refs: {} };
    throw error;
  }
}
