import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailed, keep } from './processes.ts';

const PAGE = 'docs/deploy.md';

export interface Block {
  /** The heading it stands under. */
  readonly section: string;
  readonly code: string;
}
export interface Shell {
  /** Runs a block of the page; throws when any command of it fails. */
  run(block: Block): Promise<void>;
  /** Seconds each `npx cdk …` took so far, by its command. */
  took(): Readonly<Record<string, number>>;
  close(): void;
}

/** The blocks of docs/deploy.md that are marked to be run. */
export function pageBlocks(): readonly Block[] {
  const blocks: Block[] = [];
  const at = { section: '', code: undefined as string[] | undefined };
  for (const line of readFileSync(PAGE, 'utf8').split('\n')) {
    if (at.code && line === '```') {
      blocks.push({ section: at.section, code: at.code.join('\n') });
      at.code = undefined;
    } else if (at.code) at.code.push(line);
    else if (line === '```sh run') at.code = [];
    else if (line.startsWith('## ')) at.section = line.slice(3);
  }
  return blocks;
}

/**
 * One shell for all blocks, as the page promises its reader.
 * @param home where its commands are run
 */
export function openShell(home: string, env: Readonly<Record<string, string>>): Shell {
  const log = join(home, '..', 'deploy-page.log');
  const child = spawn('bash', ['--norc', '--noprofile'], { env, cwd: home, stdio: ['pipe', 'pipe', 'pipe'] });
  const written = keep(child, log);
  const at = { block: 0, section: '' };
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const gone = existsSync(home) ? '' : `; somebody removed ${home}, where it ran`;
      const where = `block ${at.block} of ${PAGE} (${at.section})`;
      reject(new CommandFailed(`a command in ${where} ended with ${code}${gone}`, written.tail()));
    });
  });
  ended.catch(() => undefined);
  const said = { text: '' };
  child.stdout.on('data', (piece: Buffer) => {
    said.text += piece.toString();
  });
  child.stdin.write(`set -eo pipefail\n${TIMED}\n`);
  return {
    async run({ section, code }) {
      const count = ++at.block;
      at.section = section;
      const file = join(home, '..', `block-${count}.sh`);
      writeFileSync(file, code);
      const done = new Promise<void>((resolve) => {
        const look = (): void => {
          if (!said.text.includes(`@@done ${count}\n`)) return;
          child.stdout.off('data', look);
          resolve();
        };
        child.stdout.on('data', look);
      });
      child.stdin.write(`source ${file} < /dev/null\necho; echo "@@done ${count}"\n`);
      await Promise.race([done, ended]);
    },
    took: () =>
      Object.fromEntries(
        [...said.text.matchAll(/^@@took (\S+) ([\d.]+) ([\d.]+)$/gm)].map(([, name, from, to]) => [
          name,
          Math.round((Number(to) - Number(from)) * 10) / 10,
        ]),
      ),
    close() {
      child.kill('SIGKILL');
      written.end();
    },
  };
}

/** Every `npx cdk …` tells how long it took. */
const TIMED = `npx() { local begun=$EPOCHREALTIME; command npx "$@"; echo; echo "@@took $2 $begun $EPOCHREALTIME"; }`;
