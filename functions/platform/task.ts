import type * as z from 'zod';

/** A state of a workflow: the state machine sends `{ task: name, input }` and gets `output` back. */
export interface Task<D, In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly input: In;
  readonly output: Out;
  run(input: z.output<In>, deps: D): Promise<z.input<Out>>;
}

/** Declares a state; only gives the types their names. */
export function task<D, In extends z.ZodType, Out extends z.ZodType>(declared: Task<D, In, Out>): Task<D, In, Out> {
  return declared;
}
