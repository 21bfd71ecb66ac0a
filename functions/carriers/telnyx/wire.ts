import * as z from 'zod';
import { Feature } from '../../domain/country.ts';
import { asE164 } from '../../domain/e164.ts';
import { readMoney } from '../../domain/money.ts';
import type { Refusal } from '../outcome.ts';
import type { Bought, Offer, SearchWish } from '../port.ts';

/** Rows are read one by one: a bad one is left out and counted (S4). */
export const SearchReply = z.object({ data: z.array(z.unknown()) });
const AvailableRow = z.object({
  phone_number: z.string(),
  reservable: z.boolean().nullish(),
  region_information: z
    .array(z.object({ region_type: z.string().nullish(), region_name: z.string().nullish() }))
    .nullish(),
  cost_information: z
    .object({
      upfront_cost: z.union([z.string(), z.number()]).nullish(),
      monthly_cost: z.union([z.string(), z.number()]).nullish(),
      currency: z.string().nullish(),
    })
    .nullish(),
  features: z.array(z.object({ name: z.string() })).nullish(),
});

/**
 * The row as an offer; undefined when it is no number, or its price is none (negative, garbage). The type is the one asked
 * for: rows name none.
 */
export function toOffer(row: unknown, wish: Pick<SearchWish, 'country' | 'type' | 'areaCode'>): Offer | undefined {
  const read = AvailableRow.safeParse(row);
  const number = read.success ? asE164(read.data.phone_number) : undefined;
  if (!read.success || number === undefined) return undefined;
  const { cost_information: cost, region_information: regions, features, reservable } = read.data;
  const monthly = readMoney(cost?.monthly_cost, cost?.currency ?? '');
  const setup = readMoney(cost?.upfront_cost, cost?.currency ?? '');
  if (cost?.monthly_cost && !monthly) return undefined;
  const areaCode = wish.areaCode ?? (number.startsWith('+1') ? number.slice(2, 5) : undefined);
  return {
    number,
    country: wish.country,
    type: wish.type,
    ...(areaCode !== undefined && { areaCode }),
    ...placeOf(regions ?? []),
    features: (features ?? []).map(({ name }) => name).filter(isFeature),
    ...(monthly && { monthly }),
    ...(setup && { setup }),
    premium: false,
    holdable: reservable === true,
  };
}

function placeOf(
  regions: readonly { region_type?: string | null | undefined; region_name?: string | null | undefined }[],
) {
  const named = (type: string) => regions.find((region) => region.region_type === type)?.region_name;
  const locality = named('location') || named('rate_center');
  const region = named('state');
  return { ...(locality && { locality }), ...(region && { region }) };
}

function isFeature(name: string): name is Feature {
  return Feature.safeParse(name).success;
}

/** `cancelled` and `deleted` are in the documentation but not in the specification. Any other state is an error. */
const OrderState = z.enum(['pending', 'success', 'failure', 'cancelled', 'deleted']);
export const OrderRecord = z.object({
  id: z.string().min(1),
  status: OrderState,
  customer_reference: z.string().nullish(),
  requirements_met: z.boolean().nullish(),
  phone_numbers: z
    .array(
      z.object({
        phone_number: z.string(),
        status: OrderState.nullish(),
        requirements_status: z.string().nullish(),
      }),
    )
    .nullish(),
});
export type OrderRecord = z.infer<typeof OrderRecord>;
export const OrderReply = z.object({ data: OrderRecord });
const Meta = z.object({ page_number: z.number().int(), total_pages: z.number().int() });
export const OrderPage = z.object({ data: z.array(OrderRecord) });

/** Where an order stands for the number it was made for. */
export type OrderStanding =
  | { readonly state: 'success'; readonly number: string }
  | { readonly state: 'pending'; readonly reviewing: boolean }
  | { readonly state: 'failure'; readonly refusal: Refusal };

/** An order is split by the carrier, each number has its own state; the number confirmed is reported as it is (P13). */
export function standing(order: OrderRecord, number: string): OrderStanding {
  const line = order.phone_numbers?.find((each) => each.phone_number === number) ?? order.phone_numbers?.[0];
  const state = line?.status ?? order.status;
  const papers = line?.requirements_status ?? '';
  if (state === 'success') return { state, number: line?.phone_number ?? number };
  if (state === 'pending' && papers !== 'cancelled' && papers !== 'deleted')
    return { state, reviewing: papers.startsWith('requirement-info') || order.requirements_met === false };
  const forPapers = papers === 'cancelled' || papers.startsWith('requirement-info');
  return {
    state: 'failure',
    refusal: forPapers
      ? { class: 'DocumentsRequired', code: 'documents_required', carrierCode: papers }
      : { class: 'NumberUnavailable', code: 'not_available', carrierCode: state },
  };
}

const OwnedRecord = z.object({
  /** Numeric, and another than any id in the order. */
  id: z.string().min(1),
  phone_number: z.string(),
  status: z.string(),
  customer_reference: z.string().nullish(),
  connection_id: z.string().nullish(),
  messaging_profile_id: z.string().nullish(),
});
export type OwnedRecord = z.infer<typeof OwnedRecord>;
export const OwnedPage = z.object({ data: z.array(OwnedRecord), meta: Meta });
export const OwnedReply = z.object({ data: OwnedRecord });

/** States in which the number is not, or no longer, ours. */
const NOT_OURS = ['purchase-pending', 'purchase-failed', 'port-pending', 'port-failed', 'deleted', 'ported-out'];
export function isOurs(record: OwnedRecord): boolean {
  return !NOT_OURS.includes(record.status);
}

const TwoWay = z.object({ domestic_two_way: z.boolean().nullish(), international_inbound: z.boolean().nullish() });
export const MessagingReply = z.object({
  data: z.object({
    messaging_profile_id: z.string().nullish(),
    features: z.object({ sms: TwoWay.nullish(), mms: TwoWay.nullish() }).nullish(),
  }),
});

/** Every number here carries calls; messages depend on the number. */
export function toFeatures({ data }: z.infer<typeof MessagingReply>): Bought['features'] {
  const works = (way: z.infer<typeof TwoWay> | null | undefined) =>
    way?.domestic_two_way === true || way?.international_inbound === true;
  return [
    'voice',
    ...(works(data.features?.sms) ? (['sms'] as const) : []),
    ...(works(data.features?.mms) ? (['mms'] as const) : []),
  ];
}

const Reservation = z.object({
  id: z.string().min(1),
  phone_numbers: z.array(
    z.object({
      phone_number: z.string(),
      status: z.enum(['pending', 'success', 'failure']),
      expired_at: z.string().nullish(),
    }),
  ),
});
export const ReservationReply = z.object({ data: Reservation });
export const ReservationPage = z.object({ data: z.array(Reservation) });
export const ApplicationReply = z.object({
  data: z.object({
    id: z.string(),
    friendly_name: z.string().nullish(),
    voice_url: z.string().nullish(),
    voice_method: z.string().nullish(),
    voice_fallback_url: z.string().nullish(),
    status_callback: z.string().nullish(),
    status_callback_method: z.string().nullish(),
  }),
});
export const ProfileReply = z.object({
  data: z.object({
    id: z.string(),
    webhook_url: z.string().nullish(),
    webhook_api_version: z.string().nullish(),
  }),
});
export const BalanceReply = z.object({
  data: z.object({ available_credit: z.string(), currency: z.string() }),
});
