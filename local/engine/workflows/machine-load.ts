import { createHash } from 'node:crypto';
import type * as z from 'zod';
import type { Catcher, Exit, Machine, Retrier, Scope, State } from './machine.ts';
import { InvalidMachine } from './machine.ts';
import { checkScope } from './machine-checks.ts';
import type { CatcherFile, RetrierFile, ScopeFile } from './machine-schema.ts';
import { isCallback, MachineFile, StateFile } from './machine-schema.ts';
import { type Compile, type Template, templateCompiler } from './templates.ts';

type Report = (problem: string) => void;
interface Loading {
  readonly compile: Compile;
  readonly report: Report;
}
type File<Type extends StateFile['Type']> = Extract<StateFile, { Type: Type }>;

/**
 * Reads an Amazon States Language definition in JSONata. Throws InvalidMachine for whatever this engine does not know,
 * so that a file never means one thing here and another in Step Functions.
 */
export function loadMachine(json: unknown): Machine {
  const problems: string[] = [];
  const file = MachineFile.safeParse(json);
  if (!file.success) throw new InvalidMachine(describe('machine', file.error));
  const loading: Loading = { compile: templateCompiler(), report: (problem) => problems.push(problem) };
  const scope = loadScope(file.data, '', loading);
  checkScope(json as z.input<typeof ScopeFile>, loading.report);
  if (problems.length > 0) throw new InvalidMachine(problems);
  const hash = createHash('sha256').update(JSON.stringify(json)).digest('hex').slice(0, 32);
  return { ...scope, hash, timeoutSeconds: file.data.TimeoutSeconds };
}

function loadScope(file: z.infer<typeof ScopeFile>, within: string, loading: Loading): Scope {
  const states = new Map<string, State>();
  for (const [name, source] of Object.entries(file.States)) {
    const where = `state ${within}${name}`;
    const parsed = StateFile.safeParse(source);
    if (parsed.success) states.set(name, loadState(parsed.data, `${within}${name}`, loading));
    else for (const problem of describe(where, parsed.error)) loading.report(problem);
  }
  return { startAt: file.StartAt, states };
}

function describe(where: string, error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const field = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys')
      return `${where}: ${[field, ...issue.keys].filter(Boolean).join('.')} is not supported`;
    return `${where}: ${field || 'definition'} ${issue.message}`;
  });
}

function loadState(file: StateFile, where: string, loading: Loading): State {
  const part = partCompiler(where, loading);
  switch (file.Type) {
    case 'Task':
      return loadTask(file, where, loading);
    case 'Choice':
      return loadChoice(file, where, loading);
    case 'Wait':
      return { type: 'Wait', exit: loadExit(file, where, loading), until: loadUntil(file, where, loading) };
    case 'Map':
      return {
        type: 'Map',
        exit: loadExit(file, where, loading),
        ...loadFailing(file, where, loading),
        items: part('Items', file.Items),
        itemSelector: part.optional('ItemSelector', file.ItemSelector),
        maxConcurrency: part('MaxConcurrency', file.MaxConcurrency),
        processor: loadScope(file.ItemProcessor, `${where} › `, loading),
      };
    case 'Parallel':
      return {
        type: 'Parallel',
        exit: loadExit(file, where, loading),
        ...loadFailing(file, where, loading),
        input: part.optional('Arguments', file.Arguments),
        branches: file.Branches.map((branch) => loadScope(branch, `${where} › `, loading)),
      };
    case 'Pass':
      return { type: 'Pass', exit: loadExit(file, where, loading) };
    case 'Succeed':
      return {
        type: 'Succeed',
        exit: { next: undefined, assign: undefined, output: part.optional('Output', file.Output) },
      };
    case 'Fail':
      return {
        type: 'Fail',
        error: part('Error', file.Error ?? 'States.Failed'),
        cause: part('Cause', file.Cause ?? ''),
      };
  }
}

function loadTask(file: File<'Task'>, where: string, loading: Loading): State {
  const part = partCompiler(where, loading);
  return {
    type: 'Task',
    exit: loadExit(file, where, loading),
    ...loadFailing(file, where, loading),
    functionName: file.Arguments.FunctionName,
    payload: part('Arguments.Payload', file.Arguments.Payload),
    callback: isCallback(file.Resource),
    timeoutSeconds: part('TimeoutSeconds', file.TimeoutSeconds),
    heartbeatSeconds: part.optional('HeartbeatSeconds', file.HeartbeatSeconds),
  };
}

function loadChoice(file: File<'Choice'>, where: string, loading: Loading): State {
  const part = partCompiler(where, loading);
  const exit = (field: string, next: string, from: { Assign?: unknown; Output?: unknown }): Exit => ({
    next,
    assign: part.optional(`${field}Assign`, from.Assign),
    output: part.optional(`${field}Output`, from.Output),
  });
  return {
    type: 'Choice',
    rules: file.Choices.map((rule, at) => ({
      condition: part(`Choices[${at}].Condition`, rule.Condition),
      exit: exit(`Choices[${at}].`, rule.Next, rule),
    })),
    otherwise: file.Default === undefined ? undefined : exit('', file.Default, file),
  };
}

function loadUntil(
  file: File<'Wait'>,
  where: string,
  loading: Loading,
): { seconds: Template } | { timestamp: Template } {
  const part = partCompiler(where, loading);
  if ((file.Seconds === undefined) === (file.Timestamp === undefined)) {
    loading.report(`state ${where}: needs either Seconds or Timestamp`);
  }
  if (file.Timestamp !== undefined) return { timestamp: part('Timestamp', file.Timestamp) };
  return { seconds: part('Seconds', file.Seconds) };
}

type Onward = { Next?: string | undefined; End?: true | undefined; Assign?: unknown; Output?: unknown };
function loadExit(file: Onward, where: string, loading: Loading): Exit {
  const part = partCompiler(where, loading);
  if ((file.Next === undefined) === (file.End === undefined))
    loading.report(`state ${where}: needs either Next or End`);
  return {
    next: file.Next,
    assign: part.optional('Assign', file.Assign),
    output: part.optional('Output', file.Output),
  };
}

type Failing = { Retry: z.infer<typeof RetrierFile>[]; Catch: z.infer<typeof CatcherFile>[] };
function loadFailing(file: Failing, where: string, loading: Loading): { retry: Retrier[]; catch: Catcher[] } {
  const part = partCompiler(where, loading);
  return {
    retry: file.Retry.map((retrier) => ({
      errorEquals: retrier.ErrorEquals,
      intervalSeconds: retrier.IntervalSeconds,
      maxAttempts: retrier.MaxAttempts,
      backoffRate: retrier.BackoffRate,
      maxDelaySeconds: retrier.MaxDelaySeconds,
      fullJitter: retrier.JitterStrategy === 'FULL',
    })),
    catch: file.Catch.map((catcher, at) => ({
      errorEquals: catcher.ErrorEquals,
      exit: {
        next: catcher.Next,
        assign: part.optional(`Catch[${at}].Assign`, catcher.Assign),
        output: part.optional(`Catch[${at}].Output`, catcher.Output),
      },
    })),
  };
}

/** Compiles one field of a state; a bad expression is reported with state and field. */
function partCompiler(where: string, { compile, report }: Loading) {
  const part = (field: string, source: unknown): Template => {
    try {
      return compile(source);
    } catch (cause) {
      report(`state ${where}: ${field}${cause instanceof Error ? cause.message : String(cause)}`);
      return async () => null;
    }
  };
  return Object.assign(part, {
    optional: (field: string, source: unknown) => (source === undefined ? undefined : part(field, source)),
  });
}
