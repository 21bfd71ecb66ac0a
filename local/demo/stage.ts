import { isDeepStrictEqual } from 'node:util';
import { problemText } from '../../cli/problem.ts';
import { padded } from '../../cli/table.ts';
import { plainText, type Terminal } from '../../cli/terminal.ts';
import { ApiProblem } from '../../functions/contract/client.ts';

/** A fact that was expected and did not come. */
export class NotHeld extends Error {
  override readonly name = 'NotHeld';
  readonly claim: string;
  readonly expected: string;
  readonly came: string;
  constructor(claim: string, expected: string, came: string) {
    super(`${claim}: expected ${expected}, came ${came}`);
    this.claim = claim;
    this.expected = expected;
    this.came = came;
  }
}

/** What a step may say. Every line with a tick has been checked. */
export interface Say {
  /** What happens, in plain words; claims nothing. */
  note(text: string): void;
  /** Checks a fact and says so. Throws NotHeld. `shown` stands for `came` where that would be too long. */
  holds<T>(claim: string, came: T, expected: T, shown?: string): void;
  /** Text as it is: tables, documents, timelines. */
  block(text: string): void;
}
export interface Stage {
  /** Plays one step; what it throws ends the story. */
  step<T>(title: string, act: (say: Say) => Promise<T>): Promise<T>;
  /** Steps begun and facts that held. */
  tally(): { readonly steps: number; readonly facts: number };
}

const INDENT = '    ';
const CLAIM_LENGTH = 52;

/** Shows the steps of a story on a terminal, each as it happens. */
export function stageOn(terminal: Terminal, now: () => number = () => performance.now()): Stage {
  const { paint } = terminal;
  const began = now();
  const count = { steps: 0, facts: 0 };
  const say: Say = {
    note: (text) => terminal.out(indented(paint('dim', text))),
    block: (text) => terminal.out(indented(text)),
    holds(claim, came, expected, shown = wordsOf(came)) {
      if (!isDeepStrictEqual(came, expected)) throw new NotHeld(claim, wordsOf(expected), wordsOf(came));
      count.facts++;
      terminal.out(indented(`${paint('green', '✓')} ${padded(claim, CLAIM_LENGTH)}  ${shown}`));
    },
  };
  return {
    async step(title, act) {
      count.steps++;
      const since = `${((now() - began) / 1000).toFixed(1)} s`;
      const number = String(count.steps).padStart(2);
      terminal.out(
        `\n ${paint('cyan', number)}  ${paint('bold', padded(title, CLAIM_LENGTH + 16))}${paint('dim', since.padStart(7))}\n`,
      );
      return act(say);
    },
    tally: () => ({ ...count }),
  };
}

/**
 * Plays a story to its end. A fact that does not hold, a refusal or any other error ends it with what was expected and what
 * came.
 * @returns the exit code: 0 only if every step held
 */
export async function play(story: () => Promise<void>, terminal: Terminal): Promise<0 | 1> {
  try {
    await story();
    return 0;
  } catch (error) {
    terminal.out(`\n${indented(failureText(error, terminal))}\n`);
    return 1;
  }
}

function failureText(error: unknown, { paint }: Terminal): string {
  if (error instanceof NotHeld)
    return `${paint('red', `✗ ${error.claim}`)}\n  ${paint('dim', 'expected')}  ${error.expected}\n  ${paint('dim', 'came')}      ${error.came}`;
  if (error instanceof ApiProblem) return problemText(error.problem, paint);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${paint('red', '✗ The step could not be played')}\n  ${plainText(text)}`;
}

const indented = (text: string): string => `${text.trimEnd().replace(/^(?=.)/gm, INDENT)}\n`;

/** A value on one line. */
function wordsOf(value: unknown): string {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return plainText(value.join(', '));
  return value === undefined ? 'nothing' : plainText(JSON.stringify(value));
}
