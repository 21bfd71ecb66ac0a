import * as z from 'zod';
import type { AnswerText } from '../client.ts';
import type { Refusal } from '../outcome.ts';

type Meaning = Pick<Refusal, 'class' | 'code' | 'notProcessed'>;

/**
 * The carrier's codes in our terms (telnyx.md §0, §3). Which HTTP status a code travels with is not documented, so the
 * code decides; only "too many requests" is told by the status, since 10011 is also used for a media option.
 */
const CODES = new Map<string, Meaning>(
  Object.entries({
    '10005': { class: 'CarrierRefused', code: 'not_owned' },
    // unexpected: nobody knows what was done
    '10007': { class: 'CarrierBusy', code: 'carrier_down' },
    '10009': { class: 'CarrierUnusable', code: 'auth' },
    '10010': { class: 'CarrierUnusable', code: 'auth' },
    '10016': { class: 'CarrierRefused', code: 'bad_number' },
    '10021': { class: 'NumberUnavailable', code: 'owned_by_other' },
    // locked, or being processed by an earlier request
    '10035': { class: 'CarrierBusy', code: 'carrier_down' },
    '10036': { class: 'CarrierBusy', code: 'carrier_down' },
    '10037': { class: 'CarrierBusy', code: 'carrier_down' },
    // the account's level is too low, or it is not verified
    '10038': { class: 'CarrierUnusable', code: 'auth' },
    '10039': { class: 'CarrierUnusable', code: 'auth' },
    '20012': { class: 'CarrierUnusable', code: 'insufficient_funds' },
    '20013': { class: 'CarrierUnusable', code: 'auth' },
    '20014': { class: 'CarrierUnusable', code: 'auth' },
    '20016': { class: 'CarrierUnusable', code: 'auth' },
    '20017': { class: 'CarrierUnusable', code: 'auth' },
    '20100': { class: 'CarrierUnusable', code: 'insufficient_funds' },
    // not seen in a recent search: `quote` searches by exact number right before the order, so here it is gone
    '85000': { class: 'NumberUnavailable', code: 'not_available' },
    '85001': { class: 'NumberUnavailable', code: 'not_available' },
    // our connection or messaging profile does not exist
    '85004': { class: 'CarrierUnusable', code: 'other' },
    '85005': { class: 'CarrierUnusable', code: 'other' },
    '85006': { class: 'NumberUnavailable', code: 'owned_by_other' },
    '85007': { class: 'CarrierBusy', code: 'rate_limited' },
    '85008': { class: 'NumberUnavailable', code: 'reservation_expired' },
  } satisfies Record<string, Meaning>),
);

/** Errors come as a list, codes as text. */
const Problem = z.object({
  errors: z.array(
    z.object({
      code: z.union([z.string(), z.number()]).transform(String),
      title: z.string().nullish(),
      detail: z.string().nullish(),
      source: z.object({ pointer: z.string().nullish() }).nullish(),
    }),
  ),
});
type Found = z.infer<typeof Problem>['errors'][number];

/** What the answer refuses, in our terms; `undefined`: no error, or one the status alone tells (429, 5xx, no body). */
export function refusal({ status, text }: AnswerText): Refusal | undefined {
  if (status < 400 || status === 429 || status >= 500) return undefined;
  const errors = problems(text);
  const known = errors.find(({ code }) => CODES.has(code)) ?? errors[0];
  const meaning = (known && (CODES.get(known.code) ?? papersMissing(known))) ?? byStatus(status);
  return known
    ? { ...meaning, carrierCode: known.code, carrierText: words(known) }
    : { ...meaning, carrierCode: String(status) };
}

/** Some countries take no order without a requirement group (CH, DK, IT, NO, PT, SE); there is no code for it, only the place. */
function papersMissing({ source }: Found): Meaning | undefined {
  const isGroup = source?.pointer?.includes('requirement_group') === true;
  return isGroup ? { class: 'DocumentsRequired', code: 'documents_required' } : undefined;
}

function byStatus(status: number): Meaning {
  if (status === 401 || status === 403) return { class: 'CarrierUnusable', code: 'auth' };
  if (status === 402) return { class: 'CarrierUnusable', code: 'insufficient_funds' };
  return { class: 'CarrierRefused', code: status === 404 ? 'not_owned' : 'other' };
}

function problems(text: string): readonly Found[] {
  try {
    return Problem.parse(JSON.parse(text)).errors;
  } catch {
    return [];
  }
}

function words({ title, detail }: Found): string {
  return [title, detail]
    .filter((part) => part)
    .join(': ')
    .slice(0, 500);
}
