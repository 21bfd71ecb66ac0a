import { CarrierBusy, CarrierError } from '../../domain/errors.ts';
import type { Call, Outcome, Refusal } from '../outcome.ts';
import type { Carrier, NumberWebhooks } from '../port.ts';
import type { ApplicationApi } from './application.ts';
import { METHOD_FAILED } from './errors.ts';
import { findOwned } from './owned.ts';
import type { Sdk } from './sdk.ts';
import type { SearchParts } from './search.ts';
import { toMsisdn } from './wire.ts';
import { writeNumber } from './writes.ts';

type Owned = Parameters<Carrier['configure']>[0];
type Update = Parameters<ReturnType<Sdk['numbers']>['updateNumber']>[0];

/**
 * The application first, then the number's whole wanted state (what an update leaves out may be cleared): our application,
 * no `sip` or `tel` callback, which would beat it, and no legacy SMS address. The call's end comes by the application's
 * event address, signed; `voiceStatusCallback` stays unset.
 */
export async function configure(
  parts: SearchParts,
  application: ApplicationApi,
  owned: Owned,
  webhooks: NumberWebhooks,
  call: Call,
): Promise<Outcome<undefined>> {
  const settled = await settle(() => application.configure(webhooks, call));
  if (settled.kind !== 'done') return settled;
  const wanted = {
    country: owned.country,
    msisdn: toMsisdn(owned.number),
    appId: application.id,
    voiceCallbackType: 'app',
    voiceCallbackValue: application.id,
    moHttpUrl: '',
  };
  // A copy: the SDK takes fields out of the object it is given.
  const written = await writeNumber(parts, 'configure', call, (numbers) =>
    numbers.updateNumber({ ...wanted } as Update),
  );
  if (written.kind === 'unknown') return written;
  if (written.kind === 'answered') return { kind: 'done', value: undefined, refs: { numberId: wanted.msisdn } };
  if (written.refusal.carrierCode !== METHOD_FAILED) return written;
  return settle(async () => {
    const isThere = (await findOwned(parts, owned.number, call)) !== undefined;
    const refusal: Refusal = isThere
      ? written.refusal
      : { ...written.refusal, class: 'CarrierRefused', code: 'not_owned' };
    return { kind: 'refused', refusal };
  });
}

/** A read that stands before or behind a write: its answer becomes the write's end. `CarrierBusy` stays: nothing is lost by asking again. */
async function settle(run: () => Promise<Outcome<undefined>>): Promise<Outcome<undefined>> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CarrierError) || error instanceof CarrierBusy) throw error;
    return { kind: 'refused', refusal: toRefusal(error) };
  }
}

function toRefusal(error: CarrierError): Refusal {
  const { carrierCode, carrierText } = error.carrier ?? {};
  return {
    class: error.name as Refusal['class'],
    code: error.code as Refusal['code'],
    ...(carrierCode !== undefined && { carrierCode }),
    ...(carrierText !== undefined && { carrierText }),
  };
}
