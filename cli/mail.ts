import { Command } from 'commander';
import { localMails } from './local-lines.ts';
import { given } from './options.ts';
import { WrongUsage } from './session.ts';
import type { Open } from './sign-in.ts';
import { facts, table } from './table.ts';
import { plainText } from './terminal.ts';

export function mailCommand(open: Open): Command {
  const command = new Command('mail')
    .description('Mails of a local installation, oldest first')
    .argument('[id]', 'show this one in full; `last` is the latest')
    .option('--to <address>', 'only to this address')
    .option('--request <id>', 'only about this request');
  return command.action(async (id: string | undefined, options: { to?: string; request?: string }) => {
    const { client, show, terminal } = open(command);
    const query = given({ to: options.to, numberRequestId: options.request });
    const { body } = await client.call(localMails, { query });
    if (id === undefined) {
      const rows = body.data.map((mail) => [
        mail.sentAt.slice(0, 19).replace('T', ' '),
        mail.to.join(', '),
        plainText(mail.subject),
        mail.id,
      ]);
      const columns = [{ title: 'sent' }, { title: 'to' }, { title: 'subject' }, { title: 'id' }];
      return show(body, () => (rows.length > 0 ? table(columns, rows, terminal) : 'No mail.\n'));
    }
    const mail = id === 'last' ? body.data.at(-1) : body.data.find((one) => one.id === id);
    if (!mail) throw new WrongUsage(`There is no mail ${id}.`);
    const head = facts(
      [
        ['To', mail.to.join(', ')],
        ['Subject', plainText(mail.subject)],
        ['Sent', mail.sentAt],
      ],
      terminal,
    );
    show(mail, () => `${head}\n${plainText(mail.text)}`);
  });
}
