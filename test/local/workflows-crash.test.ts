import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('./workflows-crash-child.ts', import.meta.url));
/** Compiled code, kept from life to life: they begin three times as fast. */
const CACHE = mkdtempSync(join(tmpdir(), 'workflows-code-'));
const folders: string[] = [CACHE];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface End {
  readonly boundaries: number;
  readonly outputs: Readonly<Record<string, Record<string, string | string[]>>>;
}
interface Line {
  /** A new process. */
  readonly life?: number;
  /** A write is durable. */
  readonly written?: true;
  /** A function was called for this attempt, and answers this. */
  readonly attempt?: string;
  readonly execution?: string;
  readonly state?: string;
  readonly answer?: string;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'workflows-'));
  folders.push(folder);
  writeFileSync(join(folder, 'names'), '');
  return folder;
}

/** One life; undefined when it was killed. */
async function live(folder: string, ...args: string[]): Promise<End | undefined> {
  const env = { ...process.env, NODE_COMPILE_CACHE: CACHE };
  const child = spawn(process.execPath, [CHILD, folder, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of child.stdout) said += String(chunk);
  return said === '' ? undefined : (JSON.parse(said) as End);
}

/** What a folder's ledger says against what the executions remember. */
function judge(folder: string, { outputs }: End): { readonly repeated: number; readonly wrong: readonly string[] } {
  const lines = readFileSync(join(folder, 'ledger'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const calls = lines.filter(({ attempt }) => attempt !== undefined);
  const wrong = recordedButRepeated(lines);
  let repeated = 0;
  for (const [execution, output] of Object.entries(outputs)) {
    const own = Map.groupBy(
      calls.filter((call) => call.execution === execution),
      ({ attempt }) => attempt,
    );
    if (own.size !== 7) wrong.push(`${execution}: ${own.size} attempts instead of 7`);
    const remembered = Object.values(output).flat();
    if (remembered.length !== 6) wrong.push(`${execution}: ${remembered.length} outcomes instead of 6`);
    for (const [attempt, made] of own) {
      repeated += made.length - 1;
      const last = made.at(-1);
      const hasNoOutcome = last?.state === 'Ask' || (last?.state === 'Flaky' && attempt?.endsWith('/0'));
      if (!hasNoOutcome && !remembered.includes(last?.answer ?? ''))
        wrong.push(`${attempt}: another answer is recorded`);
    }
  }
  return { repeated, wrong };
}

/** Attempts that were called again although their outcome was durable: after the next write, in the Map the second next. */
function recordedButRepeated(lines: readonly Line[]): string[] {
  const recorded = new Set<string>();
  const wrong: string[] = [];
  let open: { attempt: string; writes: number }[] = [];
  for (const { life, written, attempt, state } of lines) {
    if (life !== undefined) open = [];
    if (written) for (const call of open) if (--call.writes === 0) recorded.add(call.attempt);
    if (attempt === undefined) continue;
    if (recorded.has(attempt)) wrong.push(`${attempt}: called again although its end was recorded`);
    open.push({ attempt, writes: state === 'Each' ? 2 : 1 });
  }
  return wrong;
}

describe('P5: killed with SIGKILL', () => {
  it('before and after every write and every call: no recorded outcome is lost or repeated', {
    timeout: 60_000,
  }, async () => {
    const folder = newFolder();
    const whole = await live(newFolder(), 'whole', '0');
    const boundaries = whole?.boundaries ?? 0;
    let killed = 0;
    for (let at = 1; at <= boundaries; at++) if ((await live(folder, `e${at}`, String(at))) === undefined) killed++;
    const end = await live(folder);

    expect(boundaries).toBeGreaterThanOrEqual(34);
    expect(killed).toBe(boundaries);
    if (!end) throw new Error('the last life was killed');
    // The first boundary lies before the start is written: that execution never was.
    expect(Object.keys(end.outputs)).toHaveLength(boundaries - 1);
    const { repeated, wrong } = judge(folder, end);
    expect(wrong).toEqual([]);
    // Only a call without a recorded end is made again, at most one or two (the Map) for each kill.
    expect(repeated).toBeGreaterThan(0);
    expect(repeated).toBeLessThanOrEqual(2 * boundaries);
  });
  it('again and again during recovery', { timeout: 60_000 }, async () => {
    const folder = newFolder();
    await live(folder, 'one', '8');
    let lives = 0;
    let end: End | undefined;
    for (let at = 1; end === undefined && lives < 40; at = (at % 4) + 1, lives++)
      end = await live(folder, '', String(at), 'all');

    expect(lives).toBeGreaterThan(3);
    if (!end) throw new Error('it never came to an end');
    expect(judge(folder, end).wrong).toEqual([]);
  });
});
