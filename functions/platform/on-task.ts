import * as z from 'zod';
import { NotFound } from '../domain/errors.ts';
import type { Task } from './task.ts';

/** What a state machine sends to a function. */
const TaskEvent = z.object({ task: z.string(), input: z.unknown() });

/**
 * Makes a function of a room's tasks: takes `{ task, input }`, answers the task's output. Both are parsed by the task's
 * schemas. Whatever is thrown passes with its name, which Retry and Catch match; NotFound when there is no such task.
 */
export function onTask<D>(tasks: readonly Task<D>[], deps: D): (event: unknown) => Promise<unknown> {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  return async (event) => {
    const { task: name, input } = TaskEvent.parse(event);
    const task = byName.get(name);
    if (!task) throw new NotFound({ code: 'unknown_task', detail: `there is no task ${name}` });
    return task.output.parse(await task.run(task.input.parse(input), deps));
  };
}
