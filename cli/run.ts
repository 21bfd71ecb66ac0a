import { Command, CommanderError } from 'commander';
import { ApiProblem } from '../functions/contract/client.ts';
import packageFile from '../package.json' with { type: 'json' };
import { callCommand } from './call.ts';
import { carriersCommand } from './carriers.ts';
import { acceptCommand, approveCommand, cancelCommand, rejectCommand, termsCommand } from './decide.ts';
import { inboxCommand } from './inbox.ts';
import { mailCommand } from './mail.ts';
import { numbersCommand } from './numbers.ts';
import { PaperRefused } from './papers.ts';
import { problemText } from './problem.ts';
import { requestCommand } from './request.ts';
import { reviewCommand } from './review.ts';
import { searchCommand } from './search.ts';
import { openSession, Quit, Unreachable, WrongUsage } from './session.ts';
import { signInCommand, signOutCommand, whoamiCommand } from './sign-in.ts';
import { SimulatorRefused } from './simulators.ts';
import { plainText, type Terminal } from './terminal.ts';
import { uploadCommand } from './upload.ts';
import { watchCommand } from './watch.ts';

export const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3 } as const;

const HEAD = 'Ask for phone numbers, see what happens, decide, and call them: the Numbergate gateway in a terminal.';
const TAIL = `
Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the gateway cannot be reached.

A first round on this machine, beside \`npm start\`:
  numbergate sign-in --as customer@acme.example
  numbergate search --country GB --area 1223
  numbergate request --country GB --area 1223 --wait
  numbergate call +441223…`;

/** The program with all its commands. */
export function newProgram(terminal: Terminal): Command {
  const program = new Command('numbergate')
    .description(HEAD)
    .version(packageFile.version)
    .option('--url <address>', 'the gateway (NUMBERGATE_URL, else http://127.0.0.1:3000)')
    .option('--token <token>', 'access token or API key (NUMBERGATE_TOKEN)')
    .option('--as <email>', 'act as this person of a local installation')
    .option('--tenant <id>', 'for whom staff act (NUMBERGATE_TENANT)')
    .option('--simulators <address>', 'the simulated carriers (SIMULATORS_URL, else http://127.0.0.1:3001)')
    .option('--json', 'the answer itself, for scripts')
    .addHelpText('after', TAIL);
  const open = (command: Command) => openSession(command.optsWithGlobals(), terminal);
  const make = [
    ...[signInCommand, signOutCommand, whoamiCommand, searchCommand, requestCommand, watchCommand],
    ...[acceptCommand, uploadCommand, cancelCommand, numbersCommand, callCommand, mailCommand],
    ...[inboxCommand, approveCommand, rejectCommand, termsCommand, reviewCommand, carriersCommand],
  ];
  for (const one of make) program.addCommand(one(open));
  for (const one of [program, ...program.commands])
    one
      .exitOverride()
      .showHelpAfterError('(--help shows what is possible)')
      .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
      .configureHelp({ showGlobalOptions: true });
  return program;
}

/**
 * Runs the program once.
 * @param args without the program's own name
 * @returns the exit code
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await newProgram(terminal).parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    return failed(error, terminal, args.includes('--json'));
  }
}

function failed(error: unknown, { err, paint }: Terminal, json: boolean): number {
  const say = (text: string) => err(`${paint('red', '✗')} ${plainText(text)}\n`);
  if (error instanceof Quit) return error.code;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof ApiProblem) {
    err(json ? `${JSON.stringify(error.problem, null, 2)}\n` : problemText(error.problem, paint));
    return error.code === 'foreign_answer' ? EXIT.unreachable : EXIT.refused;
  }
  if (error instanceof Unreachable) {
    say(error.message);
    err('  Is it running? `npm start` runs it on this machine; --url names another one.\n');
    return EXIT.unreachable;
  }
  if (error instanceof WrongUsage) {
    say(error.message);
    return EXIT.usage;
  }
  if (error instanceof PaperRefused || error instanceof SimulatorRefused) {
    say(error.message);
    return EXIT.refused;
  }
  throw error;
}
