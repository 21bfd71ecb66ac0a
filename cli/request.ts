import { Command, InvalidArgumentError, Option } from 'commander';
import type * as z from 'zod';
import { createNumberRequest } from '../functions/requests/routes.ts';
import { type NewRequest, Policy, Purpose } from '../functions/requests/schema.ts';
import { isEnded, isSettled } from './follow.ts';
import { given, money, type WishOptions, whole, wishOptions } from './options.ts';
import { requestText } from './request-text.ts';
import type { Open } from './sign-in.ts';
import { watchRequest } from './watch.ts';

type Body = z.input<typeof NewRequest>;
type Named = NonNullable<Body['numbers']>[number];
interface RequestOptions extends WishOptions {
  readonly number?: readonly Named[];
  readonly quantity?: number;
  readonly policy?: Policy;
  readonly currency: string;
  readonly assign?: NonNullable<Body['assignment']>;
  readonly name?: string;
  readonly purpose?: z.infer<typeof Purpose>;
  readonly reference?: string;
  readonly tag?: string[];
  readonly wantedBy?: string;
  readonly idempotencyKey?: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean | number;
}

export function requestCommand(open: Open): Command {
  const command = new Command('request').description('Ask for numbers: exact ones (--number), or a wish');
  for (const option of wishOptions()) command.addOption(option);
  return command
    .addOption(
      new Option(
        '--number <e164=price>',
        'this very number at the monthly price you have seen, like +441223555010=1.15USD',
      ).argParser(readNamed),
    )
    .option('--quantity <n>', 'how many', whole(1, 100))
    .addOption(new Option('--policy <policy>', 'what if there are fewer').choices(Policy.options))
    .option('--currency <code>', 'of --max-monthly', 'USD')
    .addOption(
      new Option('--assign <target>', 'extension:ext_…, queue:que_…, voicemail:usr_… or forward:+44…').argParser(
        readTarget,
      ),
    )
    .option('--name <name>', 'what the number is called')
    .addOption(new Option('--purpose <purpose>', 'what it is for').choices(Purpose.options))
    .option('--wanted-by <date>', 'like 2026-12-01')
    .option('--reference <text>', 'your own reference')
    .option('--tag <tag...>', 'labels')
    .option('--idempotency-key <key>', 'repeat this call safely')
    .option('--dry-run', 'check and price it, store nothing')
    .option('--wait [seconds]', 'follow it until it ends or a person has to act', whole(1, 86_400))
    .action((options: RequestOptions) => ask(open, command, options));
}

async function ask(open: Open, command: Command, options: RequestOptions): Promise<void> {
  const session = open(command);
  const { body: request } = await session.client.call(createNumberRequest, {
    body: bodyOf(options),
    ...(options.dryRun ? { query: { dryRun: true } } : {}),
    ...(options.idempotencyKey ? { idempotencyKey: options.idempotencyKey } : {}),
  });
  if (options.wait === undefined || options.dryRun || isEnded(request))
    return session.show(request, () => requestText(request, session.terminal.paint));
  if (!session.json) session.terminal.out(`${session.terminal.paint('bold', request.id)}\n`);
  await watchRequest(session, request.id, isSettled, options.wait === true ? undefined : Number(options.wait));
}

function bodyOf(options: RequestOptions): Body {
  const { country, type, locality, region, contains, match, features, quantity, policy, name, purpose } = options;
  const { area, maxMonthly, number, assign, reference, tag, wantedBy, currency } = options;
  return {
    country,
    ...given({
      type,
      locality,
      region,
      contains,
      match,
      features,
      quantity,
      policy,
      name,
      purpose,
      reference,
      wantedBy,
    }),
    ...given({ areaCode: area, numbers: number && [...number], assignment: assign, tags: tag }),
    ...(maxMonthly ? { maxMonthly: money(maxMonthly, currency) } : {}),
  };
}

/** `+441223555010=1.15USD`, repeatable. The gateway wants the price: a dearer number is not bought. */
function readNamed(text: string, before: readonly Named[] = []): readonly Named[] {
  const [, number = '', amount, currency = 'USD'] =
    /^(\+?[\d ()-]{4,30})(?:=(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z]{3})?)?$/.exec(text) ?? [];
  if (number === '') throw new InvalidArgumentError('A number with its monthly price, like +441223555010=1.15USD.');
  return [...before, { number: number.trim(), ...(amount ? { monthly: money(amount, currency) } : {}) }];
}

/** An extension makes the number somebody's own; everything else is shared. */
function readTarget(text: string): NonNullable<Body['assignment']> {
  const [, type, to = ''] = /^(extension|queue|voicemail|forward):(.+)$/.exec(text) ?? [];
  switch (type) {
    case 'extension':
      return { ownership: 'private', target: { type, id: to } };
    case 'queue':
    case 'voicemail':
      return { ownership: 'shared', target: { type, id: to } };
    case 'forward':
      return { ownership: 'shared', target: { type, number: to } };
    default:
      throw new InvalidArgumentError('extension:ext_…, queue:que_…, voicemail:usr_… or forward:+44…');
  }
}
