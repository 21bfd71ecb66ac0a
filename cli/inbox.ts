import { Command } from 'commander';
import { listTasks } from '../functions/requests/inbox-routes.ts';
import type { Open } from './sign-in.ts';
import { table } from './table.ts';

export function inboxCommand(open: Open): Command {
  const command = new Command('inbox').description('What customer success has to do, by due date');
  return command.option('--overdue', 'only what is late').action(async ({ overdue }: { overdue?: boolean }) => {
    const { client, show, terminal } = open(command);
    const { body } = await client.call(listTasks, { query: overdue ? { overdue: true } : {} });
    const columns = ['due', 'kind', 'country', 'about', 'tenant', 'task'].map((title) => ({ title }));
    const rows = body.data.map((task) => [
      terminal.paint(task.escalated ? 'red' : 'bold', task.dueAt.slice(0, 16).replace('T', ' ')),
      task.kind.replaceAll('_', ' '),
      task.country ?? '',
      task.subject.id,
      task.tenantId ?? '',
      task.id,
    ]);
    show(body, () => (rows.length > 0 ? table(columns, rows, terminal) : 'Nothing to do.\n'));
  });
}
