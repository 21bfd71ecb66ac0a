import * as z from 'zod';

/** What may stand in a state machine file. Strict: a field that is not here is refused, never ignored. */
const isExpression = (value: unknown): value is string => typeof value === 'string' && /^\{%[\s\S]*%\}$/.test(value);

const Comment = z.string().optional();
const QueryLanguage = z.literal('JSONata', 'only JSONata is supported').optional();
const Expression = z.string().refine(isExpression, 'must be a JSONata expression, {% … %}');
const Name = z.string().min(1).max(80);
const Variables = z.record(
  z
    .string()
    .regex(/^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u, 'not a variable name')
    .refine((name) => name !== 'states', 'states is taken'),
  z.unknown(),
);
const Seconds = z.union(
  [z.int().min(1).max(99_999_999), Expression],
  'must be a whole number of seconds or an expression',
);
const WaitSeconds = z.union(
  [z.int().min(0).max(99_999_999), Expression],
  'must be a whole number of seconds or an expression',
);
const ErrorEquals = z.array(z.string().min(1)).min(1);

const common = { Comment, QueryLanguage };
const data = { Assign: Variables.optional(), Output: z.unknown().optional() };
const onward = { Next: Name.optional(), End: z.literal(true, 'must be true or absent').optional() };

export const RetrierFile = z.strictObject({
  Comment,
  ErrorEquals,
  IntervalSeconds: z.int().min(1).max(99_999_999).default(1),
  MaxAttempts: z.int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_399).optional(),
  JitterStrategy: z.enum(['NONE', 'FULL']).default('NONE'),
});
export const CatcherFile = z.strictObject({ Comment, ErrorEquals, Next: Name, ...data });
const failing = { Retry: z.array(RetrierFile).default([]), Catch: z.array(CatcherFile).default([]) };

export const ScopeFile = z.strictObject({ Comment, StartAt: Name, States: z.record(Name, z.unknown()) });
export const MachineFile = ScopeFile.extend({
  QueryLanguage: z.literal('JSONata', 'must be JSONata'),
  TimeoutSeconds: z.int().min(1).max(99_999_999).optional(),
});
const ProcessorFile = ScopeFile.extend({
  ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE', 'only INLINE is supported') }).optional(),
});

const WAIT_FOR_TOKEN = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
export const isCallback = (resource: string): boolean => resource === WAIT_FOR_TOKEN;

export const StateFile = z.discriminatedUnion('Type', [
  z.strictObject({
    Type: z.literal('Task'),
    ...common,
    ...data,
    ...onward,
    ...failing,
    Resource: z.enum(['arn:aws:states:::lambda:invoke', WAIT_FOR_TOKEN]),
    Arguments: z.strictObject({
      FunctionName: z
        .string()
        .min(1)
        .refine((name) => !isExpression(name), 'must be a plain name'),
      Payload: z.unknown().refine((payload) => payload !== undefined, 'is missing'),
    }),
    TimeoutSeconds: Seconds,
    HeartbeatSeconds: Seconds.optional(),
  }),
  z.strictObject({
    Type: z.literal('Choice'),
    ...common,
    ...data,
    Choices: z.array(z.strictObject({ Comment, Condition: Expression, Next: Name, ...data })).min(1),
    Default: Name.optional(),
  }),
  z.strictObject({
    Type: z.literal('Wait'),
    ...common,
    ...data,
    ...onward,
    Seconds: WaitSeconds.optional(),
    Timestamp: z.string().optional(),
  }),
  z.strictObject({
    Type: z.literal('Map'),
    ...common,
    ...data,
    ...onward,
    ...failing,
    Items: z.union([z.array(z.unknown()), Expression], 'must be an array or an expression'),
    ItemSelector: z.unknown().optional(),
    MaxConcurrency: z.union([z.int().min(0), Expression], 'must be a whole number or an expression').default(0),
    ItemProcessor: ProcessorFile,
  }),
  z.strictObject({
    Type: z.literal('Parallel'),
    ...common,
    ...data,
    ...onward,
    ...failing,
    Arguments: z.unknown().optional(),
    Branches: z.array(ScopeFile).min(1).max(40),
  }),
  z.strictObject({ Type: z.literal('Pass'), ...common, ...data, ...onward }),
  z.strictObject({ Type: z.literal('Succeed'), ...common, Output: z.unknown().optional() }),
  z.strictObject({ Type: z.literal('Fail'), ...common, Error: z.string().optional(), Cause: z.string().optional() }),
]);
export type StateFile = z.infer<typeof StateFile>;
