import { Command } from 'commander';
import { getNumberRoute, listNumbersRoute } from '../functions/numbers/routes.ts';
import type { NumberView } from '../functions/numbers/view-schema.ts';
import { given } from './options.ts';
import type { Open } from './sign-in.ts';
import { facts, table } from './table.ts';
import { type Paint, plainText } from './terminal.ts';

interface NumbersOptions {
  readonly q?: string;
  readonly country?: string;
  readonly carrier?: string;
  readonly status?: string;
}

export function numbersCommand(open: Open): Command {
  const command = new Command('numbers')
    .description('Your numbers, or all about one')
    .argument('[number]', 'num_… or +44…')
    .option('--q <text>', 'digits, name or reference')
    .option('--country <codes>', 'like GB,IE')
    .option('--carrier <ids>', 'like telnyx,vonage')
    .option('--status <statuses>', 'pending, active, past_due, canceling or released');
  return command.action(async (id: string | undefined, options: NumbersOptions) => {
    const { client, show, terminal } = open(command);
    if (id !== undefined) {
      const { body } = await client.call(getNumberRoute, { params: { id: id.replace(/[ ()-]/g, '') } });
      return show(body, () => oneText(body, terminal.paint));
    }
    const { q, country, carrier, status } = options;
    const lists = given({ country: listOf(country), carrier: listOf(carrier), status: listOf(status) });
    const data: NumberView[] = [];
    const query = { limit: 200, ...given({ q }), ...lists };
    for await (const number of client.paginate(listNumbersRoute, { query })) data.push(number);
    show({ object: 'list', data }, () => listText(data, terminal.paint));
  });
}

const listOf = (text: string | undefined): readonly string[] | undefined => text?.split(',');

function listText(numbers: readonly NumberView[], paint: Paint): string {
  if (numbers.length === 0) return 'No numbers.\n';
  const columns = [
    ...['number', 'name', 'status', 'ownership', 'rings', 'carrier'].map((title) => ({ title })),
    { title: 'a month', align: 'right' },
  ] as const;
  const rows = numbers.map((one) => [
    paint('bold', one.number),
    one.name === one.number ? '' : plainText(one.name),
    paint(one.status === 'active' ? 'green' : 'yellow', one.status.replace('_', ' ')),
    one.ownership.replace('_', ' '),
    plainText(one.routingObject?.label ?? 'nobody'),
    one.carrier,
    one.monthly ? `${one.monthly.amount} ${one.monthly.currency}` : '',
  ]);
  return table(columns, rows, { paint });
}

function oneText(one: NumberView, paint: Paint): string {
  return facts(
    [
      ['Number', `${paint('bold', one.display)}  ${one.id}`],
      ['Name', plainText(one.name)],
      [
        'Status',
        `${one.status.replace('_', ' ')}${one.attention.length > 0 ? `: ${one.attention.join(', ').replaceAll('_', ' ')}` : ''}`,
      ],
      ['Kind', `${one.type.replace('_', '-')} in ${one.country}${one.locality ? `, ${plainText(one.locality)}` : ''}`],
      ['Features', one.features.join(' ')],
      ['Ownership', one.ownership.replace('_', ' ')],
      ['Rings', plainText(one.routingObject?.label ?? 'nobody')],
      ['Carrier', one.carrier],
      ['Price', one.monthly && `${one.monthly.amount} ${one.monthly.currency} a month`],
      ['Calls', `${one.statistics.callsLast30Days} in 30 days`],
      ['Request', one.numberRequestId],
    ],
    { paint },
  );
}
