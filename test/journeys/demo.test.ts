import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiProblem } from '../../functions/contract/client.ts';
import { play, stageOn } from '../../local/demo/stage.ts';
import { tell } from '../../local/demo/story.ts';
import { openWorld, type World } from '../../local/demo/world.ts';
import { quietTerminal } from '../cli/console.ts';

const LONGEST_MS = 60_000;
const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close(false);
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly ms: number;
  /** What is left in its folder for temporary files. */
  readonly left: readonly string[];
}
function start(...args: readonly string[]): Promise<Ended> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'numbergate-journey-'));
  const child = spawn(process.execPath, ['local/demo.ts', ...args], { env: { PATH: '', TMPDIR: folder } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (piece: Buffer) => {
    said.out += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    said.err += piece.toString();
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const left = readdirSync(folder);
      rmSync(folder, { recursive: true, force: true });
      resolve({ code, ...said, ms: performance.now() - began, left });
    });
  });
}

describe('npm run demo', () => {
  it('plays the main job and ends with 0 within 30 s, every fact checked', { timeout: LONGEST_MS }, async () => {
    const { code, out, err, ms, left } = await start('--verbose');

    expect([code, err]).toEqual([0, '']);
    expect(ms).toBeLessThan(30_000);
    for (const carrier of ['telnyx', 'twilio', 'vonage']) {
      expect(out).toMatch(new RegExp(`✓ requests to ${carrier} for it +0`));
      expect(out).toMatch(new RegExp(`✓ ${carrier} executed one order for each +\\d`));
      expect(out).toMatch(new RegExp(`│ ${carrier} +→ (GET|POST) /`));
    }
    expect(out).toMatch(/✓ orders that left +1\n/);
    expect(out, 'what the carrier asks, not what was offered for it').toMatch(/FR +twilio +2\.30 USD/);
    expect(out).toMatch(/<Sip>sip:1001@/);
    expect(out).toMatch(/"action": "talk"/);
    expect(out).toMatch(/✓ 13 steps, \d\d facts checked/);
    expect(out).not.toContain('\u001b');
    expect(out).not.toMatch(/Basic |Bearer |api_secret=(?!\[redacted\])/);
    expect(left).toEqual([]);
  });

  it('knows one switch and no more', async () => {
    const { code, err } = await start('--fast');

    expect([code, err]).toEqual([2, expect.stringContaining("Unknown option '--fast'")]);
  });

  it('P3: a second purchase in a carrier’s books would end it with 1, saying what was expected', {
    timeout: LONGEST_MS,
  }, async () => {
    const terminal = quietTerminal({});
    const world = await openWorld(terminal, undefined);
    worlds.push(world);
    const twice: World = {
      ...world,
      carriers: {
        ...world.carriers,
        ledger: async (carrier, state) =>
          (await world.carriers.ledger(carrier, state)).map((entry) => ({ ...entry, purchases: entry.purchases * 2 })),
      },
    };
    const code = await play(() => tell(stageOn(terminal), twice), terminal);

    expect(code).toBe(1);
    const { out } = terminal.said();
    expect(out).toMatch(
      /✗ telnyx's ledger\n +expected {2}owned, orders executed: 1\n +came {6}owned, orders executed: 2\n/,
    );
    expect(out).not.toContain('Special');
  });
});

describe('the steps of a story', () => {
  const stageFor = () => {
    const terminal = quietTerminal({});
    return { terminal, stage: stageOn(terminal, () => 0) };
  };

  it('are counted with their facts, and give on what they found', async () => {
    const { terminal, stage } = stageFor();
    const found: number[] = [];
    const code = await play(async () => {
      found.push(
        await stage.step('One', async (say) => {
          say.holds('two and two', 2 + 2, 4);
          return 7;
        }),
      );
      await stage.step('Two', async (say) => say.note('nothing to check'));
    }, terminal);

    expect([code, found, stage.tally()]).toEqual([0, [7], { steps: 2, facts: 1 }]);
    expect(terminal.said().out).toMatch(/✓ two and two +4\n/);
  });

  it('end at the first fact that does not hold: nothing is said of it, nothing follows', async () => {
    const { terminal, stage } = stageFor();
    const code = await play(async () => {
      await stage.step('One', async (say) => say.holds('orders that left', { n: 2 }, { n: 1 }, 'as it should be'));
      await stage.step('Two', async () => undefined);
    }, terminal);

    const { out } = terminal.said();
    expect(code).toBe(1);
    expect(out).toContain('✗ orders that left\n      expected  {"n":1}\n      came      {"n":2}');
    expect(out).not.toMatch(/✓|Two|as it should be/);
    expect(stage.tally()).toEqual({ steps: 1, facts: 0 });
  });

  it('end at a refusal and at any other error, with its words', async () => {
    const refused = stageFor();
    const problem = { type: 'x', title: 'Too late', status: 409, code: 'too_late', detail: 'It has left.' };
    const broken = stageFor();
    const codes = [
      await play(
        () => refused.stage.step('One', () => Promise.reject(new ApiProblem(problem, new Headers()))),
        refused.terminal,
      ),
      await play(() => broken.stage.step('One', () => Promise.reject(new TypeError('fetch failed'))), broken.terminal),
    ];

    expect(codes).toEqual([1, 1]);
    expect(refused.terminal.said().out).toContain('✗ Too late (too_late, 409)');
    expect(broken.terminal.said().out).toContain('fetch failed');
  });
});
