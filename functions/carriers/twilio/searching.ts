import * as z from 'zod';
import type { Call } from '../outcome.ts';
import type { Carrier } from '../port.ts';
import { absentWhenUnknown, type Connection } from './connection.ts';
import { type SearchQuery, searchPage, searchPlan } from './search.ts';
import { AvailableRow, CountryPrices, monthlyPrice, SUB_RESOURCES } from './wire.ts';

/** What the search's sub-resources, one class per type of number, have in common. */
interface Searchable {
  page(query: SearchQuery): Promise<{ readonly instances: readonly unknown[] }>;
}

/** Finding and pricing numbers. Prices are per country and type and come from an interface of their own. */
export function searching({ client, sdk }: Connection): Pick<Carrier, 'search' | 'quote'> {
  function prices(country: string, call: Call): Promise<CountryPrices | undefined> {
    const asked = client.sdkRead(call, 'price', async (exchange) =>
      CountryPrices.parse(await (await sdk(exchange)).prices(country).fetch()),
    );
    return absentWhenUnknown(asked);
  }

  return {
    async *search(wish, call) {
      const plan = searchPlan(wish);
      if (plan === undefined) return;
      const numbers = client.sdkRead(call, 'search', async (exchange) => {
        const resource: Searchable = (await sdk(exchange)).available(wish.country)[SUB_RESOURCES[wish.type]];
        return z.array(AvailableRow).parse((await resource.page(plan.query)).instances);
      });
      // A type that the country does not have is a 404 there, and an empty page here (S2-2).
      const [rows, priced] = await Promise.all([absentWhenUnknown(numbers), prices(wish.country, call)]);
      yield searchPage(wish, plan, rows ?? [], priced);
    },

    async quote({ country, type }, call) {
      const monthly = monthlyPrice(await prices(country, call), type);
      return monthly ? { monthly } : undefined;
    },
  };
}
