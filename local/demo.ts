import { parseArgs } from 'node:util';
import { type Terminal, terminalOf } from '../cli/terminal.ts';
import { play, type Stage, stageOn } from './demo/stage.ts';
import { tell } from './demo/story.ts';
import { wireOn } from './demo/wire.ts';
import { openWorld, type World } from './demo/world.ts';

/** `npm run demo`: the main job in a terminal. Exit code 0 only if every step held. */
async function main(terminal: Terminal): Promise<0 | 1 | 2> {
  const verbose = readArguments(terminal);
  if (verbose === undefined) return 2;
  const began = performance.now();
  const world = await openWorld(terminal, verbose ? wireOn(terminal) : undefined);
  terminal.out(opening(terminal, world, performance.now() - began));
  process.once('SIGINT', () => void world.close(false).finally(() => process.exit(130)));
  const stage = stageOn(terminal);
  const code = await play(() => tell(stage, world), terminal);
  terminal.out(
    code === 0 ? ending(terminal, stage, performance.now() - began, verbose) : `    Log: ${world.logPath}\n\n`,
  );
  await world.close(code !== 0);
  return code;
}

function readArguments(terminal: Terminal): boolean | undefined {
  try {
    return parseArgs({ options: { verbose: { type: 'boolean', short: 'v', default: false } } }).values.verbose;
  } catch (error) {
    terminal.err(`${error instanceof Error ? error.message : String(error)}\nnpm run demo [-- --verbose]\n`);
    return undefined;
  }
}

function opening({ paint }: Terminal, { url, carriersUrl }: World, ms: number): string {
  const lines = [
    `${paint('bold', 'Numbergate')}  from a number request to an answered call`,
    paint('dim', `gateway ${url} and three simulated carriers ${carriersUrl}, started in ${Math.round(ms)} ms`),
  ];
  return `\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

function ending({ paint }: Terminal, stage: Stage, ms: number, verbose: boolean): string {
  const { steps, facts } = stage.tally();
  const lines = [
    paint('green', `✓ ${steps} steps, ${facts} facts checked, ${(ms / 1000).toFixed(1)} s`),
    paint(
      'dim',
      verbose ? 'Next: npm start' : "Next: npm start, or npm run demo -- --verbose for the carriers' wire traffic",
    ),
  ];
  return `\n${lines.map((line) => `    ${line}\n`).join('')}\n`;
}

main(terminalOf(process)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
