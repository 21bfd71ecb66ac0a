import type { Intent, KnownRefusal } from './intent-schema.ts';

/**
 * What the customer is told of a carrier's refusal, in our words: the carrier's own may speak of our account with it, which
 * is for the log and the inbox (P8: "we are on it"). Pure.
 */
export function failureOf(
  intent: Pick<Intent, 'carrier'>,
  refusal: Pick<KnownRefusal, 'class' | 'code'>,
): NonNullable<Intent['failure']> {
  switch (refusal.class) {
    case 'CarrierUnusable':
    case 'CarrierBusy':
      return { code: 'carrier_down', detail: `${intent.carrier} cannot take the order at the moment; we are on it.` };
    case 'NumberUnavailable':
      return { code: refusal.code, detail: 'The number was just taken.' };
    case 'DocumentsRequired':
      return { code: refusal.code, detail: `${intent.carrier} asks for other papers; customer success looks at it.` };
    case 'CarrierRefused':
      return { code: refusal.code, detail: `${intent.carrier} does not sell this number to us.` };
  }
}
