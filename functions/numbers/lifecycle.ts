import type { RouteEntry } from '../routing/schema.ts';
import type { NumberState } from './schema.ts';
import type { NumberStatus } from './view-schema.ts';

/** What users see of a state (S2-26, api-map §6); undefined: not shown to tenants at all. */
export function statusOf(state: NumberState): NumberStatus | undefined {
  switch (state) {
    case 'reserved':
    case 'pending':
    case 'awaiting_documents':
    case 'porting_in':
      return 'pending';
    case 'active':
    case 'porting_out':
      return 'active';
    case 'past_due':
    case 'suspended':
      return 'past_due';
    case 'canceling':
    case 'releasing':
      return 'canceling';
    case 'released':
    case 'ported_out':
    case 'lost':
      return 'released';
    case 'failed':
    case 'quarantined':
      return undefined;
  }
}

const ASSIGNABLE: readonly NumberState[] = ['active', 'porting_out', 'past_due', 'suspended', 'canceling'];
/** A number is (re)assigned at any time while it is the tenant's and set up (S2-22, S2-27, S2-28). */
export const isAssignable = (state: NumberState): boolean => ASSIGNABLE.includes(state);

/** How inbound treats the number: only `active` rings anybody (I11, V2); canceled ones do until they are released (S2-30). */
export function routeStateOf(state: NumberState): RouteEntry['state'] {
  switch (state) {
    case 'active':
    case 'porting_out':
    case 'past_due':
    case 'canceling':
      return 'active';
    case 'quarantined':
      return 'quarantined';
    case 'released':
    case 'ported_out':
    case 'lost':
    case 'failed':
      return 'released';
    case 'reserved':
    case 'pending':
    case 'awaiting_documents':
    case 'porting_in':
    case 'suspended':
    case 'releasing':
      return 'suspended';
  }
}

/**
 * Last day of the billing period an instant lies in, in UTC: the calendar month, since a number bought in the middle of a
 * period pays its part of it (S2-15).
 */
export const periodEndsOn = (now: Date): string =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).toISOString().slice(0, 10);
