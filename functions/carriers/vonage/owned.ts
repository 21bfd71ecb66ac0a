import type { E164 } from '../../domain/e164.ts';
import type { Call } from '../outcome.ts';
import type { SearchParts } from './search.ts';
import { NumbersPage, type OwnedRow, toMsisdn, toOwnedRow } from './wire.ts';

const ROWS = 100;
const CONTAINS = 1;

/**
 * The number as it stands on the account. Asked for without the country: Vonage may file a number under a neighbour of the
 * same country code (GB, GG, JE), and a missed number would be bought twice.
 */
export async function findOwned(parts: SearchParts, number: E164, call: Call): Promise<OwnedRow | undefined> {
  const msisdn = toMsisdn(number);
  const page = await ownedPage(parts, { pattern: msisdn, searchPattern: CONTAINS, size: ROWS }, 'probe', call);
  return page.numbers.map(toOwnedRow).find((row) => row?.msisdn === msisdn);
}

/** All numbers of the account, page by page. */
export async function* listOwned(parts: SearchParts, call: Call): AsyncGenerator<readonly OwnedRow[]> {
  for (let index = 1; ; index++) {
    const page = await ownedPage(parts, { size: ROWS, index }, 'list_owned', call);
    yield page.numbers.map(toOwnedRow).filter((row) => row !== undefined);
    if (page.numbers.length === 0 || index * ROWS >= page.count) return;
  }
}

interface OwnedFilter {
  readonly pattern?: string;
  readonly searchPattern?: 1;
  readonly size: number;
  readonly index?: number;
}

async function ownedPage({ api, sdk }: SearchParts, filter: OwnedFilter, operation: string, call: Call) {
  const { numbers } = await sdk();
  return api.sdkRead(call, operation, async (exchange) =>
    NumbersPage.parse(await numbers(exchange).getOwnedNumbers({ ...filter })),
  );
}
