import { Command } from 'commander';
import { CarrierId } from '../functions/domain/carrier-id.ts';
import { documentText } from './document.ts';
import { Quit, type Session } from './session.ts';
import type { Open } from './sign-in.ts';
import { SimulatorRefused } from './simulators.ts';

interface CallOptions {
  readonly from: string;
  readonly carrier?: string;
  readonly raw?: boolean;
}

export function callCommand(open: Open): Command {
  const command = new Command('call')
    .description('Let a simulated carrier place a signed call, and see the very document it got back')
    .argument('<number>', 'one of your numbers, like +441223555010')
    .option('--from <number>', 'who calls', '+447700900123')
    .option('--carrier <id>', 'who has the number; else found by its books')
    .option('--raw', 'the document byte for byte');
  return command.action(async (number: string, options: CallOptions) => {
    const session = open(command);
    const { simulators, terminal, json } = session;
    const to = number.replace(/[ ()-]/g, '');
    const carrier = options.carrier ?? (await carrierOf(session, to));
    const answer = await simulators.call(carrier, { from: options.from, to });
    if (options.raw && !json) terminal.out(answer.body);
    else
      session.show({ carrier, ...answer }, () => {
        const head = `${carrier} called ${to} and got ${answer.status} ${answer.contentType}`;
        return `${terminal.paint('dim', head)}\n\n${documentText(answer, terminal.width)}\n`;
      });
    if (answer.status !== 200) throw new Quit(1);
  });
}

/** The simulated carrier that has sold this number. */
async function carrierOf({ simulators }: Session, number: string): Promise<string> {
  for (const carrier of CarrierId.options) {
    const owned = await simulators.ledger(carrier, 'owned').catch(notSimulated);
    if (owned.some((entry) => entry.number === number)) return carrier;
  }
  throw new SimulatorRefused(`No simulated carrier has sold ${number}; \`numbergate numbers\` lists yours.`);
}

/** A carrier that is not simulated here has no books here. */
function notSimulated(error: unknown): readonly never[] {
  if (error instanceof SimulatorRefused) return [];
  throw error;
}
