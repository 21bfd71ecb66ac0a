import { Command } from 'commander';
import { listCarriers } from '../functions/carriers/routes.ts';
import type { Open } from './sign-in.ts';
import { table } from './table.ts';
import { plainText } from './terminal.ts';

export function carriersCommand(open: Open): Command {
  const command = new Command('carriers').description('Carriers and what each can do (tenant admin, staff)');
  return command.action(async () => {
    const { client, show, terminal } = open(command);
    const { body } = await client.call(listCarriers);
    const columns = ['carrier', 'account', 'countries', 'types', 'orders', 'holds', 'papers'].map((title) => ({
      title,
    }));
    const rows = body.data.flatMap(({ id, name, credentials, paused, capabilities }) =>
      capabilities.map((one, at) => [
        at === 0 ? terminal.paint('bold', plainText(name || id)) : '',
        at === 0 ? [credentials ?? '', paused ? 'paused' : ''].filter(Boolean).join(', ') : '',
        one.countries === '*' ? (at === 0 ? 'all' : 'all others') : one.countries.join(' '),
        one.types.join(' ').replaceAll('_', '-'),
        one.purchase === 'sync' ? 'at once' : 'later, by webhook',
        one.reserve ? `${one.reserve.ttlSeconds / 60} min` : 'no',
        one.papers ? 'by API' : 'no',
      ]),
    );
    show(body, () => table(columns, rows, terminal));
  });
}
