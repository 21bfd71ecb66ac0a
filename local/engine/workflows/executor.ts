import { ConditionFailed } from '../../../functions/platform/table.ts';
import { advance } from './advance.ts';
import { commit, firstOf } from './commit.ts';
import { type Definitions, definitionsOf } from './definitions.ts';
import type { WorkflowOptions } from './engine.ts';
import { beginStep, hasChanged, record, type Saved, type Step } from './step.ts';
import { type ExecutionId, loadExecution, removeItems } from './store.ts';
import { lanes } from './work.ts';

/** Work on a running execution within one step; what it answers counts once the step is written. */
type Act<T> = (step: Step) => Promise<T>;

export interface Executor {
  readonly definitions: Definitions;
  /** Runs one after another whatever concerns the same execution. */
  exclusively<T>(id: ExecutionId, work: () => Promise<T>): Promise<T>;
  /** Acts on an execution and moves it as far as it goes, durably. `gone` if it does not run. */
  operate<T>(id: ExecutionId, act: Act<T>): Promise<T | 'gone'>;
  /** The same for one that is not stored yet; to be called exclusively. Throws ConditionFailed if it is. */
  begin(unsaved: Saved): Promise<void>;
}

/** Told after each write: calls functions and sets the alarm. */
export type AfterWrite = (saved: Saved) => void;

const KEYS_A_WRITE = 90;
const TRIES = 5;
export const keyOf = ({ machine, name }: ExecutionId): string => `${machine}#${name}`;

export function createExecutor(options: WorkflowOptions, afterWrite: AfterWrite): Executor {
  const { table, clock, random = Math.random } = options;
  const definitions = definitionsOf(table, options.machines);
  const inLane = lanes();
  /** Executions with a call under way, as they are stored. */
  const live = new Map<string, Saved>();

  const write = async (step: Step): Promise<Saved> => {
    options.boundary?.('before write');
    const saved = await commit(options, step);
    options.boundary?.('after write');
    afterWrite(saved);
    return saved;
  };
  const run = async <T>(start: Saved, act: Act<T>): Promise<T> => {
    const machine = await definitions.byHash(start.head.definition);
    let step = beginStep(start, machine, clock.now().getTime(), random);
    const answer = await act(step);
    await advance(step);
    let saved = start;
    while (hasChanged(step)) {
      saved = await write(step);
      if (saved.head.status !== 'running') break;
      step = beginStep(saved, machine, clock.now().getTime(), random);
      await advance(step);
    }
    saved = await removeLeftOver(options, saved);
    if (saved.head.pending) live.set(keyOf(saved.head), saved);
    else live.delete(keyOf(saved.head));
    return answer;
  };
  const once = async <T>(id: ExecutionId, act: Act<T>): Promise<T | 'gone'> => {
    const saved = live.get(keyOf(id)) ?? (await loadExecution(table, id));
    return saved?.head.status === 'running' ? run(saved, act) : 'gone';
  };

  return {
    definitions,
    exclusively: (id, work) => inLane(keyOf(id), work),
    operate: (id, act) =>
      inLane(keyOf(id), () =>
        repeated(
          () => once(id, act),
          () => live.delete(keyOf(id)),
        ),
      ),
    begin: (unsaved) => run(unsaved, async (step) => record(step, 'ExecutionStarted')),
  };
}

/** A refused condition means that somebody else wrote: it is read and tried anew. Whatever fails is forgotten. */
async function repeated<T>(attempt: () => Promise<T>, forget: () => void): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (problem) {
      forget();
      if (!(problem instanceof ConditionFailed) || tries >= TRIES) throw problem;
    }
  }
}

async function removeLeftOver({ table }: WorkflowOptions, saved: Saved): Promise<Saved> {
  let { leftOver } = saved;
  while (leftOver.length > 0) {
    const leaving = firstOf(leftOver, KEYS_A_WRITE);
    await removeItems(table, leaving.flat());
    leftOver = leftOver.slice(leaving.length);
  }
  return { ...saved, leftOver };
}
