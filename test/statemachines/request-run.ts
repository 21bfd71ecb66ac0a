import type { Execution, HistoryEvent } from '../../functions/platform/workflows.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import { readMachines } from '../../local/engine/workflows/machine-files.ts';
import { createWorkflows } from '../../local/engine/workflows/workflows.ts';
import { silentLog } from '../local/workflows-lab.ts';
import { createWorld, type Script, type World } from './request-world.ts';

type File = { StartAt: string; States: Record<string, StateFile> };
interface StateFile {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  Catch?: { Next: string }[];
  Retry?: { ErrorEquals: string[] }[];
  ItemProcessor?: File;
}

const definition = readMachines()['request-number'] as File;

/** All states, those in a Map included. */
function statesOf(scope: File): Map<string, StateFile> {
  const states = new Map(Object.entries(scope.States));
  for (const state of Object.values(scope.States)) {
    if (state.ItemProcessor) for (const [name, inner] of statesOf(state.ItemProcessor)) states.set(name, inner);
  }
  return states;
}

/** Every way out of a Choice or by a Catch leads through a Pass that bears its name, so that history shows it. */
function marked(scope: File): File {
  const copy = structuredClone(scope);
  for (const [name, state] of Object.entries(copy.States)) {
    const mark = (way: { Next: string }, label: string): void => {
      copy.States[label] = { Type: 'Pass', Next: way.Next };
      way.Next = label;
    };
    for (const [at, rule] of (state.Choices ?? []).entries()) mark(rule, `${name} rule ${at}`);
    for (const [at, catcher] of (state.Catch ?? []).entries()) mark(catcher, `${name} catch ${at}`);
    if (state.Default !== undefined) {
      copy.States[`${name} default`] = { Type: 'Pass', Next: state.Default };
      state.Default = `${name} default`;
    }
    if (state.ItemProcessor) state.ItemProcessor = marked(state.ItemProcessor);
  }
  return copy;
}

/** All that a complete set of paths has to take: states, ways out, retries. */
export function everything(): string[] {
  const marks = [...statesOf(marked(definition)).keys()];
  const retries = [...statesOf(definition)].flatMap(([name, { Retry = [] }]) =>
    Retry.map((_, rule) => `${name} retry ${rule}`),
  );
  return [...marks, ...retries];
}

const retriesOf = (state: string) => statesOf(definition).get(state)?.Retry ?? [];

export interface Path {
  readonly world: World;
  readonly status: string;
  readonly error: string | undefined;
  readonly transitions: number;
  readonly calls: number;
  readonly executions: number;
  readonly longestDays: number;
  readonly mostEvents: number;
  /** States, ways and retries taken, by name. */
  readonly taken: ReadonlySet<string>;
}
const DAYS = 86_400;

/** Runs the request workflow in a scripted world for up to 800 days of its clock. */
export async function runPath(script: Script): Promise<Path> {
  const clock = testClock(new Date('2026-01-01T00:00:00Z'));
  const table = openTable({ path: ':memory:', clock });
  const taken = new Set<string>();
  const signal = async () => {
    const token = world.token;
    world.token = undefined;
    if (token) await workflows.succeedTask(token, {});
  };
  const world = createWorld(script, () => void setImmediate(() => void signal()));
  const input = { tenantId: 'ten_1', requestId: 'req_1', class: script.class ?? 'standard' };
  /** What each task last failed with, by its state and the moment that was entered. */
  const failed = new Map<string, string>();
  const workflows = createWorkflows({
    table,
    clock,
    machines: { 'request-number': marked(definition) },
    log: silentLog,
    invoke: async (name, payload, { state, attempt }) => {
      const entered = attempt.slice(0, attempt.lastIndexOf('/'));
      const before = failed.get(entered);
      const rule = retriesOf(state).findIndex(({ ErrorEquals }) => before && ErrorEquals.includes(before));
      if (rule >= 0) taken.add(`${state} retry ${rule}`);
      try {
        const answer = world.run(name, payload as never, clock.now().getTime());
        for (const next of world.started) await workflows.start('request-number', next, input);
        return answer;
      } catch (error) {
        failed.set(entered, error instanceof Error ? error.name : '');
        throw error;
      }
    },
  });
  for (const { at, does, signalIsLost } of script.people ?? []) {
    clock.wakeAt(new Date(clock.now().getTime() + at * 1000), () => {
      does(world);
      if (!signalIsLost) void signal();
    });
  }
  await workflows.start('request-number', 'req_1', input);
  const ended: { readonly run: Execution; readonly history: readonly HistoryEvent[] }[] = [];
  for (let days = 0; days < 800 && ended.length < 1 + world.started.length; days += 20) {
    await clock.pass(20 * DAYS);
    await workflows.idle();
    const name = ['req_1', ...world.started][ended.length] ?? '';
    const run = await workflows.find('request-number', name);
    if (run && run.status !== 'running') ended.push({ run, history: await workflows.history('request-number', name) });
  }
  const histories = ended.map(({ history }) => history);
  const runs = ended.map(({ run }) => run);
  const entered = histories.flat().filter(({ type }) => type.endsWith('StateEntered'));
  for (const { state } of entered) taken.add(state ?? '');
  const days = runs.map((run) => (Date.parse(run.stoppedAt ?? '') - Date.parse(run.startedAt)) / (DAYS * 1000));
  const marks = histories.map((history) => history.filter(({ type }) => type.startsWith('PassState')).length);
  table.close();
  return {
    world,
    status: ended.length === 1 + world.started.length ? (runs.at(-1)?.status ?? 'missing') : 'running',
    error: runs.at(-1)?.error?.error,
    transitions: entered.filter(({ type }) => type !== 'PassStateEntered').length,
    calls: world.calls.length,
    executions: runs.length,
    longestDays: Math.max(...days),
    mostEvents: Math.max(...histories.map((history, at) => history.length - (marks[at] ?? 0))),
    taken,
  };
}
