import { table } from '../../cli/table.ts';
import { plainText } from '../../cli/terminal.ts';
import type { Bought } from './request.ts';
import type { Say } from './stage.ts';
import type { World } from './world.ts';

/** Everybody concerned was written to, and nobody twice for the same. */
export async function listMails(world: World, say: Say, numbers: readonly Bought[]): Promise<void> {
  const data = await world.mails();
  const columns = [{ title: 'at' }, { title: 'to' }, { title: 'subject' }];
  const rows = data.map(({ sentAt, to, subject }) => [sentAt.slice(11, 19), to.join(', '), plainText(subject)]);
  say.block(table(columns, rows, { paint: world.terminal.paint }));
  const keys = data.map(({ messageKey }) => messageKey);
  say.holds('no message went out twice', new Set(keys).size, keys.length, `${keys.length} mails, ${keys.length} keys`);
  const requests = [...new Set(numbers.map(({ requestId }) => requestId))];
  const expected = ['opened.customer_success', 'opened.requester', 'closed.requester'];
  for (const event of expected) {
    const sent = requests.filter((id) => keys.includes(`${id}.${event}`)).length;
    say.holds(
      `“${event.replace('.', '” to ').replace('_', ' ')}`,
      sent,
      requests.length,
      `one for each of ${sent} requests`,
    );
  }
}

/** What was bought, beside what the carriers' own books say. */
export async function listPurchases(world: World, say: Say, numbers: readonly Bought[]): Promise<void> {
  const ids = ['telnyx', 'twilio', 'vonage'];
  const books = new Map(
    await Promise.all(ids.map(async (id) => [id, await world.carriers.ledger(id, 'owned')] as const)),
  );
  const entryOf = ({ carrier, number }: Bought) => books.get(carrier)?.find((entry) => entry.number === number);
  const columns = [
    { title: 'number' },
    { title: 'country' },
    { title: 'carrier' },
    { title: 'its price', align: 'right' },
    { title: 'rings' },
    { title: 'at the carrier' },
    { title: 'orders', align: 'right' },
  ] as const;
  const rows = numbers.map((one) => {
    const entry = entryOf(one);
    return [
      one.number,
      one.country,
      one.carrier,
      entry ? `${entry.monthly.amount} ${entry.monthly.currency}` : '',
      one.rings,
      entry?.state ?? '',
      String(entry?.purchases ?? 0),
    ];
  });
  say.block(table(columns, rows, { paint: world.terminal.paint }));
  for (const id of ids) {
    const owned = (books.get(id) ?? []).map(({ number }) => number).sort();
    const ours = numbers.filter(({ carrier }) => carrier === id).map(({ number }) => number);
    const orders = (books.get(id) ?? []).reduce((sum, entry) => sum + entry.purchases, 0);
    say.holds(`${id} sold us these and no others`, owned, ours.sort(), String(owned.length));
    say.holds(`${id} executed one order for each`, orders, ours.length);
  }
}
