import * as z from 'zod';
import type { Carrier } from '../port.ts';
import { type Connection, toOutcome } from './connection.ts';
import { BalanceReply, OwnedRow, toBalance, toOwned, toUrls } from './wire.ts';

/** Rows of one page of the inventory: the most Twilio gives. */
const PAGE_SIZE = 1000;

/** Bought numbers: their configuration, the list of them, giving them back, and the account's balance. */
export function owning({
  client,
  sdk,
}: Connection): Required<Pick<Carrier, 'configure' | 'listOwned' | 'release' | 'balance'>> {
  return {
    async configure({ carrierNumberId }, webhooks, call) {
      const end = await client.sdkWrite(call, 'configure', async (exchange) => {
        // A trunk or an application would win over the addresses: an empty text takes it off.
        const cleared = { trunkSid: '', voiceApplicationSid: '', smsApplicationSid: '', smsFallbackUrl: '' };
        const { numbers } = await sdk(exchange);
        OwnedRow.parse(await numbers(carrierNumberId).update({ ...toUrls(webhooks), ...cleared }));
      });
      return toOutcome(end, () => ({ value: undefined, refs: { numberId: carrierNumberId } }));
    },

    async *listOwned(call) {
      let next: string | undefined;
      do {
        const from = next;
        const page = await client.sdkRead(call, 'list', async (exchange) => {
          const { numbers } = await sdk(exchange);
          const found = from === undefined ? await numbers.page({ pageSize: PAGE_SIZE }) : await numbers.getPage(from);
          return { rows: z.array(OwnedRow).parse(found.instances), next: found.nextPageUrl };
        });
        yield page.rows.map(toOwned).filter((owned) => owned !== undefined);
        next = page.next;
      } while (next !== undefined);
    },

    async release({ carrierNumberId }, call) {
      const end = await client.sdkWrite(call, 'release', async (exchange) => {
        await (await sdk(exchange)).numbers(carrierNumberId).remove();
      });
      const done = { value: undefined, refs: { numberId: carrierNumberId } };
      if (end.kind === 'refused' && end.refusal.code === 'not_owned') return { kind: 'done', ...done };
      return toOutcome(end, () => done);
    },

    balance: (call) =>
      client.sdkRead(call, 'balance', async (exchange) =>
        toBalance(BalanceReply.parse(await (await sdk(exchange)).balance.fetch())),
      ),
  };
}
