import { ArnFormat, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { MACHINES } from '../../statemachines/rooms.ts';
import { FUNCTION_NAMES, type FunctionName } from '../table-rights.ts';
import { environmentOf, machineNameOf, type Places } from './environment.ts';
import type { Files } from './files.ts';
import { type FunctionHome, GatewayFunction } from './gateway-function.ts';
import type { Keys } from './keys.ts';
import type { MailSender } from './mail.ts';
import { keyStatement, statement, tableStatements } from './privileges.ts';
import type { Queues } from './queues.ts';
import { CARRIERS_WITH_CREDENTIALS, type GatewaySecrets } from './secrets.ts';

/** What the functions reach beside the table. */
export interface Around extends FunctionHome {
  readonly tableArn: string;
  readonly streamArn: string;
  readonly keys: Keys;
  readonly files: Files;
  readonly secrets: GatewaySecrets;
  readonly mail: MailSender;
  readonly queues: Queues;
  readonly places: Places;
}
interface Size {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly isTraced: boolean;
}

/**
 * Memory by performance §3. A function lasts as long as the longest state that calls it (reliability 4.8). Whoever calls over
 * HTTP is let go by the front door after 29 s. Traces of webhooks would cost half of what a call costs in all.
 */
const SIZES: Readonly<Record<FunctionName, Size>> = {
  api: { memoryMb: 512, timeoutSeconds: 29, isTraced: true },
  carriers: { memoryMb: 1024, timeoutSeconds: 120, isTraced: true },
  requests: { memoryMb: 512, timeoutSeconds: 60, isTraced: true },
  inbound: { memoryMb: 256, timeoutSeconds: 5, isTraced: false },
  jobs: { memoryMb: 512, timeoutSeconds: 300, isTraced: true },
};

/** The five functions, each with its own role. */
export class Functions extends Construct {
  readonly all: Readonly<Record<FunctionName, GatewayFunction>>;

  constructor(scope: Construct, around: Around) {
    super(scope, 'Functions');
    const make = (name: FunctionName) => {
      const environment = environmentOf(name, around.settings, around.places);
      const rights = [...tableStatements(name, around.tableArn), ...beside(this, around)[name]()];
      const { reserved } = around.settings;
      // 0 would mean to AWS that the function never runs.
      const limit = name === 'inbound' || name === 'carriers' ? reserved[name] || undefined : undefined;
      const deadLetters = name === 'jobs' ? around.queues.deadLetters : undefined;
      return new GatewayFunction(
        this,
        { name, ...SIZES[name], environment, reserved: limit, deadLetters, statements: rights },
        around,
      );
    };
    this.all = Object.fromEntries(FUNCTION_NAMES.map((name) => [name, make(name)])) as Record<
      FunctionName,
      GatewayFunction
    >;
  }
}

type Statements = () => readonly iam.PolicyStatement[];

/** Rights outside the table. */
function beside(scope: Construct, around: Around): Readonly<Record<FunctionName, Statements>> {
  const stack = Stack.of(scope);
  const papers = around.files.papers.arnForObjects('papers/*');
  const key = (id: string, what: 'papers' | 'secrets', service: string, actions: readonly string[]) =>
    keyStatement(id, stack, around.keys[what].keyArn, service, actions);
  const secrets = (...names: readonly string[]) => [
    statement(
      'ReadSecrets',
      ['secretsmanager:GetSecretValue'],
      names.map((name) => around.secrets.arn(name)),
    ),
    key('OpenSecrets', 'secrets', 'secretsmanager', ['Decrypt']),
  ];
  const readPapers = [
    statement('ReadPapers', ['s3:GetObject'], [papers]),
    // Without it a paper that is not there would look like one that may not be read.
    statement('FindPapers', ['s3:ListBucket'], [around.files.papers.bucketArn], {
      StringLike: { 's3:prefix': 'papers/*' },
    }),
    key('OpenPapers', 'papers', 's3', ['Decrypt']),
  ];
  const removePapers = statement('RemovePapers', ['s3:DeleteObject'], [papers]);
  return {
    inbound: () => secrets('webhooks'),
    api: () => [
      ...secrets('gateway'),
      statement('SignLinks', ['s3:PutObject', 's3:GetObject'], [papers], SIGNED_ONLY),
      removePapers,
      key('LinkedPapers', 'papers', 's3', ['GenerateDataKey', 'Decrypt']),
      ...seeWorkflows(stack, around),
    ],
    carriers: () => [...secrets('webhooks', ...CARRIERS_WITH_CREDENTIALS.map((id) => `carriers/${id}`)), ...readPapers],
    requests: () => [],
    // A link outlives its paper: what is uploaded after the deletion is removed by whoever checks it.
    jobs: () => [
      ...readPapers,
      removePapers,
      ...runWorkflows(stack, around),
      around.mail.sendStatement(),
      ...woken(around),
    ],
  };
}

/** The api signs links and does nothing with papers itself; a link lives at most 300 s (reliability §6). */
const SIGNED_ONLY = {
  StringEquals: { 's3:authType': 'REST-QUERY-STRING' },
  NumericLessThanEquals: { 's3:signatureAge': 300_000 },
};

/** Starting, signalling and looking after executions. */
function runWorkflows(stack: Stack, around: Around): readonly iam.PolicyStatement[] {
  const machines = statesArns(stack, around, 'stateMachine', '');
  return [
    statement('StartWorkflows', ['states:StartExecution'], machines),
    statement('SignalWorkflows', ['states:SendTaskSuccess'], machines),
    ...seeWorkflows(stack, around),
  ];
}
const seeWorkflows = (stack: Stack, around: Around): readonly iam.PolicyStatement[] => [
  statement('SeeWorkflows', ['states:DescribeExecution'], statesArns(stack, around, 'execution', ':*')),
];

function statesArns(stack: Stack, { settings }: Around, resource: string, end: string): readonly string[] {
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return Object.keys(MACHINES).map((machine) =>
    stack.formatArn({
      service: 'states',
      resource,
      resourceName: `${machineNameOf(settings, machine)}${end}`,
      arnFormat,
    }),
  );
}

/** What wakes the function that delivers, and where what it could not take is put. */
const woken = ({ streamArn, queues: { delays, deadLetters } }: Around): readonly iam.PolicyStatement[] => [
  statement('ReadStream', ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [streamArn]),
  statement('FindStreams', ['dynamodb:ListStreams'], ['*']),
  statement(
    'Delays',
    ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    [delays.queueArn],
  ),
  statement('GiveUp', ['sqs:SendMessage'], [deadLetters.queueArn]),
];
