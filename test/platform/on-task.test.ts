import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CarrierBusy, NotFound } from '../../functions/domain/errors.ts';
import { onTask } from '../../functions/platform/on-task.ts';
import { task } from '../../functions/platform/task.ts';

interface Deps {
  readonly greeting: string;
}
const greet = task({
  name: 'Greet',
  input: z.strictObject({ name: z.string().trim() }),
  output: z.object({ outcome: z.enum(['said', 'unsaid']), text: z.string() }),
  run: async ({ name }, { greeting }: Deps) => ({ outcome: 'said' as const, text: `${greeting} ${name}` }),
});
const wrong = task({
  name: 'Wrong',
  input: z.object({}),
  output: z.object({ outcome: z.literal('done') }),
  run: async (_, __: Deps) => JSON.parse('{"outcome":"something else"}') as { outcome: 'done' },
});
const busy = task({
  name: 'Busy',
  input: z.object({}),
  output: z.object({}),
  run: async (_, __: Deps) => {
    throw new CarrierBusy({ code: 'carrier_down', detail: 'later' });
  },
});
const run = onTask<Deps>([greet, wrong, busy], { greeting: 'Hello' });

describe('a function of tasks', () => {
  it('runs the named task with parsed input and gives its parsed output', async () => {
    expect(await run({ task: 'Greet', input: { name: ' Ada ' } })).toEqual({ outcome: 'said', text: 'Hello Ada' });
  });
  it.each([
    ['an input of another shape', { task: 'Greet', input: { name: 'Ada', age: 1 } }],
    ['an output of another shape', { task: 'Wrong', input: {} }],
    ['an event that is none', { input: {} }],
    ['nothing', undefined],
  ])('refuses %s', async (_, event) => {
    await expect(run(event)).rejects.toThrow(z.ZodError);
  });
  it('refuses a task it does not have', async () => {
    await expect(run({ task: 'greet', input: {} })).rejects.toThrow(NotFound);
  });
  it('lets errors pass with the name that Retry and Catch match', async () => {
    await expect(run({ task: 'Busy', input: {} })).rejects.toMatchObject({ name: 'CarrierBusy' });
  });
});
