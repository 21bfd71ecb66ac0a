import { Command } from 'commander';
import type * as z from 'zod';
import { listCarriers } from '../functions/carriers/routes.ts';
import type { Open } from './sign-in.ts';
import { table } from './table.ts';
import { type Paint, plainText } from './terminal.ts';

type Carrier = z.output<NonNullable<typeof listCarriers.returns>>['data'][number];

export function carriersCommand(open: Open): Command {
  const command = new Command('carriers').description('Carriers and what each can do (tenant admin, staff)');
  return command.action(async () => {
    const { client, show, terminal } = open(command);
    const { body } = await client.call(listCarriers);
    const columns = ['carrier', 'account', 'countries', 'types', 'orders', 'holds', 'papers'].map((title) => ({
      title,
    }));
    const rows = body.data.flatMap((carrier) => rowsOf(carrier, terminal.paint));
    show(body, () => table(columns, rows, terminal));
  });
}

/** One row for each group of countries; only the first names the carrier. */
function rowsOf({ id, name, credentials, paused, capabilities }: Carrier, paint: Paint): readonly string[][] {
  const account = [credentials ?? '', paused ? 'paused' : ''].filter((word) => word !== '').join(', ');
  return capabilities.map((one, at) => [
    ...(at === 0 ? [paint('bold', plainText(name || id)), account] : ['', '']),
    ...whereAndWhat(one, capabilities.length > 1),
    one.purchase === 'sync' ? 'at once' : 'later, by webhook',
    one.reserve ? `${one.reserve.ttlSeconds / 60} min` : 'no',
    one.papers ? 'by API' : 'no',
  ]);
}

const whereAndWhat = ({ countries, types }: Carrier['capabilities'][number], isOneOfSeveral: boolean) => [
  countries === '*' ? (isOneOfSeveral ? 'all others' : 'all') : countries.join(' '),
  types.join(' ').replaceAll('_', '-'),
];
