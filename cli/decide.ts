import { Command, InvalidArgumentError, Option } from 'commander';
import {
  acceptTerms,
  approveNumberRequest,
  offerTerms,
  rejectNumberRequest,
  type TermsBody,
} from '../functions/requests/decision-routes.ts';
import { RejectionReason } from '../functions/requests/decision-schema.ts';
import { cancelNumberRequest, getNumberRequest } from '../functions/requests/routes.ts';
import type { NumberRequestView } from '../functions/requests/view-schema.ts';
import { decimal, given, money, whole } from './options.ts';
import { requestText } from './request-text.ts';
import { type Session, WrongUsage } from './session.ts';
import type { Open } from './sign-in.ts';

const DAY_MS = 86_400_000;
const ID = ['<id>', 'req_…'] as const;

interface TermsOptions {
  readonly monthly?: string;
  readonly setup: string;
  readonly currency: string;
  readonly text?: string;
  readonly validDays: number;
  readonly minimumMonths?: number;
}
const termsOptions = (): readonly Option[] => [
  new Option('--monthly <amount>', 'price a month').argParser(decimal),
  new Option('--setup <amount>', 'price once').argParser(decimal).default('0.00'),
  new Option('--currency <code>', 'of the prices').default('USD'),
  new Option('--text <conditions>', 'what the customer agrees to'),
  new Option('--valid-days <n>', 'how long the offer stands').argParser(whole(1, 365)).default(14),
  new Option('--minimum-months <n>', 'shortest time of the contract').argParser(whole(1, 60)),
];

function termsOf({ monthly, setup, currency, text, validDays, minimumMonths }: TermsOptions): TermsBody | undefined {
  if (monthly === undefined || text === undefined) return undefined;
  return {
    monthly: money(monthly, currency),
    setup: money(setup, currency),
    text,
    validUntil: new Date(Date.now() + validDays * DAY_MS).toISOString(),
    ...given({ minimumMonths }),
  };
}

const shown = ({ show, terminal }: Session, request: NumberRequestView): void =>
  show(request, () => requestText(request, terminal.paint));

interface ApproveOptions extends TermsOptions {
  readonly comment?: string;
  readonly waive?: readonly { requirementId: string; reason: string }[];
  readonly undo?: number;
  readonly ifMatch?: string;
}
export function approveCommand(open: Open): Command {
  const command = new Command('approve').description('Approve a restricted request (customer success)').argument(...ID);
  for (const option of termsOptions()) command.addOption(option);
  return command
    .option('--comment <text>', 'for the record')
    .addOption(new Option('--waive <requirement=reason>', 'a paper that is not needed').argParser(readWaived))
    .option('--undo <seconds>', 'time in which it can be taken back', whole(0, 30))
    .option('--if-match <version>', 'only if it is still this version; else the one read just before')
    .action(async (id: string, options: ApproveOptions) => {
      const session = open(command);
      const params = { id };
      const ifMatch =
        options.ifMatch ?? (await session.client.call(getNumberRequest, { params })).headers.get('etag') ?? '';
      const { comment, waive, undo } = options;
      const body = given({ comment, waived: waive && [...waive], undoSeconds: undo, terms: termsOf(options) });
      shown(
        session,
        (await session.client.call(approveNumberRequest, { params, ifMatch: quoted(ifMatch), body })).body,
      );
    });
}
const quoted = (version: string): string => (/^\d+$/.test(version) ? `"${version}"` : version);

function readWaived(text: string, before: NonNullable<ApproveOptions['waive']> = []) {
  const [, requirementId, reason] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!requirementId || !reason) throw new InvalidArgumentError('A requirement and why, like address_proof=on file.');
  return [...before, { requirementId, reason }];
}

export function rejectCommand(open: Open): Command {
  const command = new Command('reject').description('Decline a request (customer success)').argument(...ID);
  return command
    .addOption(new Option('--reason <reason>', 'why').choices(RejectionReason.options).makeOptionMandatory())
    .requiredOption('--comment <text>', 'what the customer is told')
    .action(async (id: string, { reason, comment }: { reason: 'other'; comment: string }) => {
      const session = open(command);
      shown(
        session,
        (await session.client.call(rejectNumberRequest, { params: { id }, body: { reason, comment } })).body,
      );
    });
}

export function termsCommand(open: Open): Command {
  const command = new Command('terms').description('Offer terms and a price (customer success)').argument(...ID);
  for (const option of termsOptions()) command.addOption(option);
  return command.action(async (id: string, options: TermsOptions) => {
    const session = open(command);
    const body = termsOf(options);
    if (!body) throw new WrongUsage('An offer needs --monthly and --text.');
    shown(session, (await session.client.call(offerTerms, { params: { id }, body })).body);
  });
}

export function acceptCommand(open: Open): Command {
  const command = new Command('accept').description('Accept the terms on offer').argument(...ID);
  return command
    .option('--terms-version <n>', 'the version you have read; else the one on offer', whole(1, 1000))
    .action(async (id: string, options: { termsVersion?: number }) => {
      const session = open(command);
      const params = { id };
      const read = async () => (await session.client.call(getNumberRequest, { params })).body.terms?.version ?? 1;
      const termsVersion = options.termsVersion ?? (await read());
      shown(session, (await session.client.call(acceptTerms, { params, body: { termsVersion } })).body);
    });
}

export function cancelCommand(open: Open): Command {
  const command = new Command('cancel').description('Cancel a request while no order has left').argument(...ID);
  return command.option('--reason <text>', 'why').action(async (id: string, { reason }: { reason?: string }) => {
    const session = open(command);
    shown(session, (await session.client.call(cancelNumberRequest, { params: { id }, body: given({ reason }) })).body);
  });
}
