import type { Money } from '../../domain/money.ts';
import type { Call } from '../outcome.ts';
import type { SearchParts } from './search.ts';
import { BalanceReply, toEuros } from './wire.ts';

/** The account's balance in euros; below zero is no money. */
export async function readBalance({ api, sdk }: SearchParts, call: Call): Promise<Money> {
  const { accounts } = await sdk();
  const { value } = await api.sdkRead(call, 'balance', async (exchange) =>
    BalanceReply.parse(await accounts(exchange).getBalance()),
  );
  return toEuros(value) ?? { amount: '0.00', currency: 'EUR' };
}
