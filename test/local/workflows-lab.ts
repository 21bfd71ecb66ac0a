import type { JsonObject } from '../../functions/platform/table.ts';
import { type TestClock, testClock } from '../../local/engine/clock.ts';
import { type LocalTable, openTable } from '../../local/engine/table.ts';
import type { CallMeta } from '../../local/engine/workflows/engine.ts';
import { createWorkflows, type LocalWorkflows } from '../../local/engine/workflows/workflows.ts';

type States = Readonly<Record<string, object>>;
type Functions = Readonly<Record<string, (payload: never, meta: CallMeta) => unknown>>;

export const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
const INVOKE = 'arn:aws:states:::lambda:invoke';

/** A Task that calls `fn` with the state's input, or with `Arguments.Payload` if given. */
export const task = (fn: string, more: object = {}, payload: unknown = '{% $states.input %}') => ({
  Type: 'Task',
  Resource: INVOKE,
  TimeoutSeconds: 60,
  Arguments: { FunctionName: fn, Payload: payload },
  Output: '{% $states.result.Payload %}',
  ...more,
});
export const waitingTask = (fn: string, more: object = {}) => ({
  ...task(fn, {}, { token: '{% $states.context.Task.Token %}' }),
  Resource: `${INVOKE}.waitForTaskToken`,
  Output: '{% $states.result %}',
  ...more,
});
export const machine = (states: States, more: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
  ...more,
});
/** An error with a name, as tasks throw them. */
export const named = (name: string, message = '') => Object.assign(new Error(message), { name });

export interface Lab {
  readonly workflows: LocalWorkflows;
  readonly clock: TestClock;
  readonly table: LocalTable;
  /** Lets time pass, each due wake at its own instant, and waits until nothing is under way. */
  pass(seconds: number): Promise<void>;
}

export function lab(definitions: Readonly<Record<string, unknown>>, functions: Functions = {}, more: object = {}): Lab {
  const clock = testClock();
  const table = openTable({ path: ':memory:', clock });
  const workflows = createWorkflows({
    table,
    clock,
    machines: definitions,
    log: silentLog,
    random: () => 1,
    invoke: async (name, payload, meta) => functions[name]?.(payload as never, meta),
    ...more,
  });
  const pass = async (seconds: number): Promise<void> => {
    await workflows.idle();
    await clock.pass(seconds);
    await workflows.idle();
  };
  return { workflows, clock, table, pass };
}

/** Runs one machine to its end, or until only the clock could move it. */
export async function run(states: States, input: JsonObject, functions: Functions = {}, seconds = 0) {
  const here = lab({ m: machine(states) }, functions);
  await here.workflows.start('m', 'one', input);
  await here.workflows.idle();
  if (seconds > 0) await here.pass(seconds);
  const execution = await here.workflows.find('m', 'one');
  if (!execution) throw new Error('the execution is not there');
  const history = await here.workflows.history('m', 'one');
  return { ...here, execution, history, types: history.map(({ type }) => type) };
}
