import type { Feature, NumberType } from '../../../functions/domain/country.ts';
import { timesMoney } from '../../../functions/domain/money.ts';
import type { StockPlan } from '../kernel/simulator-port.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const AMERICAN = ['US', 'CA'];

/** Plausible monthly prices; the real ones are the account's. Twilio has no set-up fee. */
const MONTHLY: Readonly<Record<NumberType, string>> = {
  local: '1.15',
  national: '1.50',
  mobile: '3.25',
  toll_free: '2.15',
  shared_cost: '4.00',
};

/** What the simulated Twilio sells: everything there is an area for. Prices are the same within a country and type. */
export const stockPlan: StockPlan = {
  countries: '*',
  types: ['local', 'national', 'mobile', 'toll_free', 'shared_cost'],
  features(country, type): readonly Feature[] {
    if (AMERICAN.includes(country)) return type === 'local' ? ['voice', 'sms', 'mms', 'fax'] : ['voice', 'sms'];
    return type === 'mobile' || country === 'GB' ? ['voice', 'sms'] : ['voice'];
  },
  price(country, type) {
    const isHome = AMERICAN.includes(country) || country === 'GB';
    return { monthly: timesMoney(usd(MONTHLY[type]), isHome ? 1 : 2), setup: usd('0.00') };
  },
};
