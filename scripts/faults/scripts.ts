import type * as z from 'zod';
import type { CarrierId } from '../../functions/domain/carrier-id.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import type { Money } from '../../functions/domain/money.ts';
import type { NewRequest } from '../../functions/requests/schema.ts';
import type { PlantedFault } from '../../local/carriers/kernel/faults.ts';

/** What a person does when the request waits for one. Repeated under its key until it is answered. */
export interface Deed {
  readonly by: 'customer' | 'cs';
  /** `{id}` is the request's, `{ulid}` the same without its prefix. */
  readonly path: string;
  readonly body: object;
}
/** One story of a request at one carrier, good or bad. */
export interface CarrierScript {
  readonly name: string;
  readonly carrier: CarrierId;
  readonly faults: readonly PlantedFault[];
  readonly request: z.input<typeof NewRequest>;
  readonly stock: readonly { readonly number: string; readonly country: CountryCode; readonly type: 'local' }[];
  readonly price: Money;
  readonly deeds: readonly Deed[];
  /** Where the request comes to when nothing is killed. */
  readonly ends: string;
}

/** In the currency the carrier sells in, and cheaper than its usual numbers. */
const priceOf = (carrier: CarrierId): Money => ({ amount: '0.10', currency: carrier === 'vonage' ? 'EUR' : 'USD' });
const GB = CountryCode.parse('GB');
/** Cambridge numbers that only this carrier has, cheaper than any other, so that they are chosen first. */
const cambridge = (at: number) => ({ number: `+44122398765${at}`, country: GB, type: 'local' }) as const;

interface Told {
  readonly faults?: readonly (readonly [PlantedFault['fault'], PlantedFault['on']?, number?])[];
  readonly request?: Partial<z.input<typeof NewRequest>>;
  readonly named?: boolean;
  readonly deeds?: readonly Deed[];
  readonly ends?: string;
}
function script(carrier: CarrierId, name: string, told: Told = {}): CarrierScript {
  const stock = [0, 1, 2].map(cambridge);
  const price = priceOf(carrier);
  const named = { numbers: [{ number: stock[0]?.number ?? '', monthly: price, carrier }] };
  return {
    name: `${carrier}: ${name}`,
    carrier,
    faults: (told.faults ?? []).map(([fault, on = 'order', times = 1]) => ({ fault, on, times })),
    request: { country: GB, type: 'local', ...(told.named === false ? { areaCode: '1223' } : named), ...told.request },
    stock,
    price,
    deeds: told.deeds ?? [],
    ends: told.ends ?? 'completed',
  };
}

const notBought: Deed = { by: 'cs', path: '/v1/tasks/tsk_{ulid}/resolution', body: { verdict: 'not_bought' } };
const accepts: Deed = { by: 'customer', path: '/v1/number-requests/{id}/acceptance', body: { termsVersion: 1 } };
/** Reviewed at half of what the carrier asks: a new price is offered first (P9). */
const cheaper = { numbers: [{ number: cambridge(0).number, monthly: { amount: '0.05', currency: 'USD' } }] };

/** The stories of the crash points: every fault at a carrier where it hurts, all three carriers. */
export const SCRIPTS: readonly CarrierScript[] = [
  script('twilio', 'all good', { named: false }),
  script('telnyx', 'ordered, webhook later'),
  script('vonage', 'all good'),
  script('twilio', 'answer lost after execution', { faults: [['lost_after_execution']] }),
  script('twilio', 'lost before execution', { faults: [['lost_before_execution']], ends: 'resolving' }),
  script('twilio', 'gone at purchase', { faults: [['gone_at_purchase']], named: false }),
  script('telnyx', 'rate limited', { faults: [['rate_limited']] }),
  script('vonage', '5xx after execution', { faults: [['server_error_after_execution']] }),
  script('telnyx', 'webhook lost', { faults: [['webhook_lost', 'any']] }),
  script('telnyx', 'webhook twice', { faults: [['webhook_twice', 'any']] }),
  script('twilio', 'cut answer', { faults: [['cut_body']] }),
  script('twilio', 'a person says not bought', {
    faults: [['lost_before_execution']],
    named: false,
    deeds: [notBought],
  }),
  script('twilio', 'price rose, accepted', { request: cheaper, deeds: [accepts] }),
];
