import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { systemClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import { createWorkflows } from '../../local/engine/workflows/workflows.ts';
import { machine, named, silentLog, task, waitingTask } from './workflows-lab.ts';

/**
 * One life of a process: takes up what the life before left, runs one execution of its own, and dies at its
 * `killAt`-th boundary (0: at none), counted from the recovery on or only in its own execution.
 * What every function was asked and answered is in a file that a kill cannot take back.
 */
const [folder = '', name = '', killAt = '0', counted = 'own'] = process.argv.slice(2);
const ledger = `${folder}/ledger`;
const note = (line: object): void => appendFileSync(ledger, `${JSON.stringify(line)}\n`);

const kept = (state: string) => ({ Assign: { [state]: '{% $states.result.Payload %}' } });
const definition = machine({
  First: task('f', { ...kept('first'), Output: {}, Next: 'Flaky' }),
  Flaky: task('flaky', {
    ...kept('flaky'),
    Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 1, JitterStrategy: 'FULL' }],
    Output: {},
    Next: 'Both',
  }),
  Both: {
    Type: 'Map',
    Items: '{% [1, 2] %}',
    ItemProcessor: { StartAt: 'Each', States: { Each: task('f', { End: true }) } },
    Assign: { both: '{% $states.result %}' },
    Output: {},
    Next: 'Pause',
  },
  Pause: { Type: 'Wait', Seconds: 0, Next: 'Ask' },
  Ask: waitingTask('ask', { Assign: { asked: '{% $states.result.answer %}' }, Output: {}, Next: 'Last' }),
  Last: task('f', {
    Output: {
      First: '{% $first %}',
      Flaky: '{% $flaky %}',
      Each: '{% $both %}',
      Ask: '{% $asked %}',
      Last: '{% $states.result.Payload %}',
    },
    End: true,
  }),
});

const life = { isCounting: counted === 'all', boundaries: 0 };
const clock = systemClock();
const table = openTable({ path: `${folder}/table.db`, clock });
const workflows = createWorkflows({
  table,
  clock,
  machines: { m: definition },
  log: silentLog,
  random: () => 0,
  boundary: (at) => {
    if (at === 'after write') note({ written: true });
    if (life.isCounting && ++life.boundaries === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  },
  invoke: async (functionName, payload, { execution, state, attempt }) => {
    const answer = `${state} ${process.hrtime.bigint()}`;
    note({ execution, state, attempt, answer });
    if (functionName === 'flaky' && attempt.endsWith('/0')) throw named('Flaky');
    if (functionName === 'ask') note({ execution, token: (payload as { token: string }).token });
    return answer;
  },
});

/** Gives the answers that are owed, as the outbox does: at least once. */
async function answerTokens(of: string): Promise<void> {
  await workflows.idle();
  const lines = existsSync(ledger) ? readFileSync(ledger, 'utf8').trim().split('\n') : [];
  for (const line of lines.filter(Boolean)) {
    const { execution, token } = JSON.parse(line) as { execution: string; token?: string };
    if (token && execution === of) await workflows.succeedTask(token, { answer: token });
  }
}

async function untilDone(of: string): Promise<void> {
  while ((await workflows.find('m', of))?.status === 'running') {
    await answerTokens(of);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

note({ life: process.pid });
await workflows.recover();
for (const earlier of readFileSync(`${folder}/names`, 'utf8').trim().split('\n')) if (earlier) await untilDone(earlier);
life.isCounting = true;
if (name) {
  appendFileSync(`${folder}/names`, `${name}\n`);
  await workflows.start('m', name, {});
  await untilDone(name);
}
const ended = readFileSync(`${folder}/names`, 'utf8').trim().split('\n').filter(Boolean);
const outputs = await Promise.all(ended.map(async (each) => [each, (await workflows.find('m', each))?.output]));
process.stdout.write(JSON.stringify({ boundaries: life.boundaries, outputs: Object.fromEntries(outputs) }));
await workflows.close();
table.close();
