import { Command } from 'commander';
import { getMe } from '../functions/api/system-routes.ts';
import { localPeople } from './local-lines.ts';
import type { Session } from './session.ts';
import { facts, table } from './table.ts';
import { plainText } from './terminal.ts';

export type Open = (command: Command) => Session;

export function signInCommand(open: Open): Command {
  return new Command('sign-in')
    .description('Sign in as somebody of a local installation (--as), or see who can')
    .action(async (_options: unknown, command: Command) => {
      const session = open(command);
      const { as, tenant } = command.optsWithGlobals<{ as?: string; tenant?: string }>();
      if (as === undefined) return showPeople(session);
      const accessToken = await session.signIn(as);
      session.cache.makeCurrent(session.url, as, tenant);
      const { body } = await session.client.call(getMe);
      const roles = body.roles.join(', ').replaceAll('_', ' ');
      session.show({ accessToken, user: body }, () => `Signed in as ${plainText(body.name)} (${roles}).\n`);
    });
}

async function showPeople({ client, show, terminal }: Session): Promise<void> {
  const { body } = await client.call(localPeople);
  const rows = body.data.map(({ email, name, roles, tenantId }) => [
    email,
    plainText(name),
    roles.join(', ').replaceAll('_', ' '),
    tenantId ?? '',
  ]);
  const columns = [{ title: 'e-mail' }, { title: 'name' }, { title: 'roles' }, { title: 'tenant' }];
  show(body, () => `${table(columns, rows, terminal)}\nnumbergate sign-in --as ${body.data[0]?.email ?? '<e-mail>'}\n`);
}

export function signOutCommand(open: Open): Command {
  return new Command('sign-out')
    .description('Forget the tokens of this gateway')
    .action((_options: unknown, command: Command) => {
      const session = open(command);
      session.cache.makeCurrent(session.url, undefined);
      session.show({}, () => 'Signed out.\n');
    });
}

export function whoamiCommand(open: Open): Command {
  return new Command('whoami')
    .description('Who you are to the gateway')
    .action(async (_options: unknown, command: Command) => {
      const { client, show, terminal, url, tenant } = open(command);
      const { body } = await client.call(getMe);
      show(body, () =>
        facts(
          [
            ['Name', plainText(body.name)],
            ['E-mail', body.email],
            ['Roles', body.roles.join(', ').replaceAll('_', ' ')],
            ['Tenant', body.tenantId ?? (tenant && `${tenant} (acting for)`)],
            ['Scopes', body.scopes?.join(', ')],
            ['Gateway', url],
          ],
          terminal,
        ),
      );
    });
}
