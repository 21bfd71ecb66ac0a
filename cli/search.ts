import { Command, Option } from 'commander';
import type * as z from 'zod';
import { searchNumbers } from '../functions/carriers/routes.ts';
import { CarrierId } from '../functions/domain/carrier-id.ts';
import { given, type WishOptions, whole, wishOptions } from './options.ts';
import type { Open } from './sign-in.ts';
import { table } from './table.ts';
import { type Paint, plainText } from './terminal.ts';

interface SearchOptions extends WishOptions {
  readonly quantity?: number;
  readonly carrier?: CarrierId;
  readonly limit?: number;
}
type Found = z.output<NonNullable<typeof searchNumbers.returns>>;

export function searchCommand(open: Open): Command {
  const command = new Command('search').description('Search all carriers for numbers to buy');
  for (const option of wishOptions()) command.addOption(option);
  return command
    .option('--quantity <n>', 'how many are wanted', whole(1, 100))
    .addOption(new Option('--carrier <id>', 'only this carrier').choices(CarrierId.options))
    .option('--limit <n>', 'at most so many', whole(1, 100))
    .action(async (options: SearchOptions) => {
      const { client, show, terminal } = open(command);
      const { country, area, ...rest } = options;
      const query = { country, ...given({ ...rest, areaCode: area }) };
      const { body } = await client.call(searchNumbers, { query });
      show(body, () => foundText(body, terminal.paint));
    });
}

function foundText({ data, meta }: Found, paint: Paint): string {
  const parts = [
    data.length > 0 ? offersText(data, paint) : nothingText(meta.alternatives),
    outcomesText(meta.carriers, paint),
    data[0] ? buyText(data[0], paint) : '',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function offersText(offers: Found['data'], paint: Paint): string {
  const columns = [
    { title: 'number' },
    { title: 'place' },
    { title: 'features' },
    { title: 'a month', align: 'right' },
    { title: 'set-up', align: 'right' },
    { title: 'carrier' },
    { title: 'papers' },
  ] as const;
  const rows = offers.map((one) => [
    paint('bold', one.number),
    plainText(one.locality ?? one.region ?? one.areaCode ?? ''),
    one.features.join(' '),
    one.monthly ? `${one.monthly.amount} ${one.monthly.currency}` : 'on request',
    one.setup ? `${one.setup.amount} ${one.setup.currency}` : '',
    one.carrier,
    one.requirements.length > 0 ? String(one.requirements.length) : '',
  ]);
  return table(columns, rows, { paint });
}

function nothingText(alternatives: Found['meta']['alternatives']): string {
  const near = alternatives.map(({ areaCode, locality }) => [areaCode, locality].filter(Boolean).join(' '));
  return `No such number was found.${near.length > 0 ? ` Near by: ${plainText(near.join(', '))}.` : ''}\n`;
}

/** A page of which a carrier is missing must not look like the whole market. */
function outcomesText(carriers: Found['meta']['carriers'], paint: Paint): string {
  const words = carriers.map(({ carrier, outcome, count, latencyMs, code }) => {
    if (outcome === 'ok') return `${carrier} ${count} in ${latencyMs} ms`;
    const why = code && code !== outcome ? ` (${code.replaceAll('_', ' ')})` : '';
    return paint(outcome === 'empty' || outcome === 'skipped' ? 'dim' : 'yellow', `${carrier} ${outcome}${why}`);
  });
  return `${paint('dim', 'Asked')}  ${words.join(' · ')}\n`;
}

function buyText(first: Found['data'][number], paint: Paint): string {
  const price = first.monthly ? `=${first.monthly.amount}${first.monthly.currency}` : '';
  const line = `numbergate request --country ${first.country} --type ${first.type} --number ${first.number}${price} --wait`;
  return `${paint('dim', 'Buy')}    ${line}\n`;
}
