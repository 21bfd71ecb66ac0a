import * as z from 'zod';
import type { Carrier, Order, Probe } from '../port.ts';
import { type Connection, toOutcome } from './connection.ts';
import { OwnedRow, toBought, toFriendlyName, toUrls } from './wire.ts';

/** Buying a number and asking whether it was bought. */
export function ordering({ client, sdk }: Connection): Pick<Carrier, 'purchase' | 'probe'> {
  return {
    async purchase(order, call) {
      const end = await client.sdkWrite(call, 'purchase', async (exchange) =>
        toBought(OwnedRow.parse(await (await sdk(exchange)).numbers.create(orderFields(order)))),
      );
      return toOutcome(end, (bought) => ({ value: bought, refs: { numberId: bought.carrierNumberId } }));
    },

    async probe({ number, reference }, call): Promise<Probe> {
      const rows = await client.sdkRead(call, 'probe', async (exchange) => {
        const page = await (await sdk(exchange)).numbers.page({ phoneNumber: number });
        return z.array(OwnedRow).parse(page.instances);
      });
      const row = rows.find((owned) => owned.phoneNumber === number); // the filter finds partial numbers too
      if (row === undefined) return { kind: 'nothing' };
      if (row.friendlyName !== toFriendlyName(reference)) return { kind: 'theirs' };
      return { kind: 'ours', value: toBought(row), refs: { numberId: row.sid } };
    },
  };
}

/** Everything in one call: no key makes a repeat harmless here, so the number must carry our reference from the start. */
function orderFields({ number, reference, webhooks, papers }: Order) {
  return {
    phoneNumber: number,
    friendlyName: toFriendlyName(reference),
    ...toUrls(webhooks),
    ...(papers?.bundleId === undefined ? {} : { bundleSid: papers.bundleId }),
    ...(papers?.addressId === undefined ? {} : { addressSid: papers.addressId }),
  };
}
