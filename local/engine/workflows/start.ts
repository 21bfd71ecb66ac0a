import { InvalidInput, TooLarge } from '../../../functions/domain/errors.ts';
import { ConditionFailed, type JsonObject, type Table } from '../../../functions/platform/table.ts';
import type { Executor } from './executor.ts';
import { ROOT } from './frame.ts';
import { isTooLarge, MAX_RUN_MS } from './limits.ts';
import type { Machine } from './machine.ts';
import { isSameStart, type Saved } from './step.ts';
import { type ExecutionId, loadHead, loadInput } from './store.ts';

const NAME = /^[A-Za-z0-9_.-]{1,80}$/;

interface Starting {
  readonly table: Table;
  readonly executor: Executor;
  readonly now: Date;
}

/**
 * Starts an execution durably, once per name: the same input while it runs is the same start.
 * Throws NotFound, InvalidInput (name), TooLarge (input).
 */
export async function startExecution(
  { table, executor, now }: Starting,
  id: ExecutionId,
  input: JsonObject,
): Promise<'started' | 'exists'> {
  if (!NAME.test(id.name))
    throw new InvalidInput({ code: 'bad_execution_name', detail: 'name: 1–80 of A–Z a–z 0–9 _ . -' });
  if (isTooLarge(input)) throw new TooLarge({ code: 'input_too_large', detail: 'the input is over 256 KiB' });
  const machine = await executor.definitions.current(id.machine);
  return executor.exclusively(id, async () => {
    const earlier = await compare(table, id, input);
    if (earlier) return earlier;
    try {
      await executor.begin(unsaved(machine, id, input, now.getTime()));
      return 'started';
    } catch (problem) {
      if (!(problem instanceof ConditionFailed)) throw problem;
      return (await compare(table, id, input)) ?? 'exists';
    }
  });
}

async function compare(table: Table, id: ExecutionId, input: JsonObject): Promise<'started' | 'exists' | undefined> {
  const head = await loadHead(table, id);
  if (!head) return undefined;
  return isSameStart({ head, input: await loadInput(table, id) }, input) ? 'started' : 'exists';
}

function unsaved(machine: Machine, id: ExecutionId, input: JsonObject, now: number): Saved {
  const longest = Math.min((machine.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000, MAX_RUN_MS);
  const root = {
    path: ROOT,
    state: machine.startAt,
    input,
    variables: {},
    enteredAt: now,
    retries: {},
    phase: { kind: 'ready', fresh: true },
  } as const;
  return {
    head: {
      ...id,
      definition: machine.hash,
      status: 'running',
      startedAt: now,
      deadline: now + longest,
      dueAt: now,
      revision: 0,
      events: 0,
      pending: true,
    },
    input,
    frames: new Map([[ROOT, root]]),
    leftOver: [],
  };
}
