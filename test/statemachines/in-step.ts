import * as z from 'zod';
import { ERROR_NAMES } from '../../functions/domain/errors.ts';

/** What the check needs of a task. */
export interface DeclaredTask {
  readonly name: string;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}
export interface InStep {
  /** A state machine file as it is, placeholders unreplaced. */
  readonly definition: unknown;
  /** The tasks of the function behind each placeholder this machine may use. */
  readonly tasks: Readonly<Record<string, readonly DeclaredTask[]>>;
  /** Tasks that spend money. */
  readonly spending: readonly string[];
}

const State = z.looseObject({
  Type: z.string(),
  Resource: z.string().optional(),
  Arguments: z
    .looseObject({
      FunctionName: z.string(),
      Payload: z.looseObject({ task: z.string(), input: z.record(z.string(), z.unknown()) }),
    })
    .optional()
    .catch(undefined),
  TimeoutSeconds: z.unknown().optional(),
  Output: z.unknown().optional(),
  Retry: z.array(z.looseObject({ ErrorEquals: z.array(z.string()) })).default([]),
  Catch: z.array(z.looseObject({ ErrorEquals: z.array(z.string()) })).default([]),
  ItemProcessor: z.looseObject({ States: z.record(z.string(), z.unknown()) }).optional(),
  Branches: z.array(z.looseObject({ States: z.record(z.string(), z.unknown()) })).default([]),
});
type State = z.infer<typeof State>;
interface Placed {
  readonly name: string;
  readonly state: State;
  readonly isInMap: boolean;
}

/** Names that the platform gives errors: the language's own, Lambda's, and those of its runtime. */
const OF_THE_PLATFORM = [
  'States.ALL',
  'States.DataLimitExceeded',
  'States.HeartbeatTimeout',
  'States.NoChoiceMatched',
  'States.QueryEvaluationError',
  'States.Runtime',
  'States.TaskFailed',
  'States.Timeout',
  'Lambda.AWSLambdaException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.SdkClientException',
  'Lambda.ServiceException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Runtime.ExitError',
  'Sandbox.Timedout',
];
/** Thrown by the platform interfaces, on both engines. */
const OF_THE_TABLE = ['TableUnavailable', 'ConditionFailed'];
const TOKEN = '{% $states.context.Task.Token %}';

/** Where a state machine and its tasks have fallen out of step (house.md §8); empty when they have not. */
export function outOfStep({ definition, tasks, spending }: InStep): string[] {
  const states = [...statesIn(definition, false)];
  const calls = states.filter(({ state }) => state.Type === 'Task');
  const called = calls.map(({ state }) => state.Arguments?.Payload.task);
  const unused = Object.values(tasks)
    .flat()
    .filter(({ name }) => !called.includes(name));
  return [
    ...calls.flatMap((placed) => callProblems(placed, tasks)),
    ...calls.flatMap(faultProblems),
    ...states.flatMap(errorNameProblems),
    ...calls.flatMap(({ name, state }) =>
      spending.includes(name) && state.Retry.length > 0 ? [`${name}: spends money and has a Retry`] : [],
    ),
    ...states.flatMap(iterationProblems),
    ...states.flatMap(outputProblems),
    ...outcomeProblems(definition, Object.values(tasks).flat()),
    ...unused.map(({ name }) => `${name}: no state calls this task`),
  ];
}

function* statesIn(scope: unknown, isInMap: boolean): Generator<Placed> {
  const { States } = z.looseObject({ States: z.record(z.string(), z.unknown()) }).parse(scope);
  for (const [name, source] of Object.entries(States)) {
    const state = State.parse(source);
    yield { name, state, isInMap };
    if (state.ItemProcessor) yield* statesIn(state.ItemProcessor, true);
    for (const branch of state.Branches) yield* statesIn(branch, isInMap);
  }
}

/** Names an existing task of its own name, at the function that has it, with exactly the fields its schema takes. */
function callProblems({ name, state }: Placed, tasks: InStep['tasks']): string[] {
  if (!state.Arguments) return [`${name}: sends no { task, input }`];
  const { FunctionName, Payload } = state.Arguments;
  if (Payload.task !== name) return [`${name}: calls task ${Payload.task}`];
  const placeholder = /^\$\{(\w+)\}$/.exec(FunctionName)?.[1];
  const list = placeholder === undefined ? undefined : tasks[placeholder];
  if (!list) return [`${name}: calls ${FunctionName}, which is no function of this machine`];
  const task = list.find((each) => each.name === name);
  if (!task) return [`${name}: ${FunctionName} has no such task`];
  const other = Object.keys(Payload).filter((field) => field !== 'task' && field !== 'input');
  const sent = Object.keys(Payload.input);
  const taken = task.input instanceof z.ZodObject ? Object.keys(task.input.shape) : [];
  return [
    ...other.map((field) => `${name}: sends ${field} beside task and input`),
    ...sent
      .filter((field) => !taken.includes(field))
      .map((field) => `${name}: sends ${field}, which the task does not take`),
    ...taken.filter((field) => !sent.includes(field)).map((field) => `${name}: does not send ${field}`),
    ...tokenProblems(name, state, Payload.input),
  ];
}

function tokenProblems(name: string, { Resource }: State, input: Readonly<Record<string, unknown>>): string[] {
  const waits = Resource?.endsWith('.waitForTaskToken') ?? false;
  if (waits && input['token'] !== TOKEN) return [`${name}: waits for a token it does not send`];
  return !waits && JSON.stringify(input).includes('Task.Token') ? [`${name}: sends a token nobody waits for`] : [];
}

function faultProblems({ name, state }: Placed): string[] {
  const last = state.Catch.at(-1)?.ErrorEquals ?? [];
  return [
    ...(state.TimeoutSeconds === undefined ? [`${name}: has no TimeoutSeconds`] : []),
    ...(last.includes('States.ALL') ? [] : [`${name}: its last Catch does not catch all`]),
  ];
}

function errorNameProblems({ name, state }: Placed): string[] {
  const known: readonly string[] = [...ERROR_NAMES, ...OF_THE_TABLE, ...OF_THE_PLATFORM];
  const used = [...state.Retry, ...state.Catch].flatMap(({ ErrorEquals }) => ErrorEquals);
  return used.filter((error) => !known.includes(error)).map((error) => `${name}: there is no error ${error}`);
}

/** An iteration never fails and never waits long: it would take down or hold back its neighbours. */
function iterationProblems({ name, state, isInMap }: Placed): string[] {
  const waits = state.Type === 'Wait' || state.Resource?.endsWith('.waitForTaskToken');
  if (!isInMap || !(waits || state.Type === 'Fail')) return [];
  return [`${name}: ${waits ? 'waits' : 'fails'} within a Map`];
}

/** A function's raw answer carries transport data; a hundred of them fill a Map's result. */
function outputProblems({ name, state }: Placed): string[] {
  const needsOutput = ['Task', 'Map', 'Parallel'].includes(state.Type);
  return needsOutput && state.Output === undefined ? [`${name}: has no Output`] : [];
}

/** Every outcome the machine asks for is one that a task may answer or the machine itself gives. */
function outcomeProblems(definition: unknown, tasks: readonly DeclaredTask[]): string[] {
  const given = [...textsIn(definition)].filter((text) => !text.startsWith('{%'));
  const answers = tasks.flatMap(({ output }) => {
    const outcome = output instanceof z.ZodObject ? output.shape['outcome'] : undefined;
    return outcome instanceof z.ZodEnum ? outcome.options.map(String) : [];
  });
  const asked = [...textsIn(definition)].filter((text) => text.startsWith('{%') && /\boutcome\b|\$claim\b/.test(text));
  const literals = asked.flatMap((text) => [...text.matchAll(/'([^']*)'/g)].map(([, literal = '']) => literal));
  const unknown = [...new Set(literals)].filter((literal) => ![...answers, ...given].includes(literal));
  return unknown.map((literal) => `no task answers '${literal}', which an expression asks for`);
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* textsIn(part);
}
