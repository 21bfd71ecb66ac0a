import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { TABLE } from '../../functions/platform/aws/table-shape.ts';
import { FUNCTION_NAMES, type FunctionName } from '../table-rights.ts';
import type { FrontDoor } from './api.ts';
import type { GatewayFunction } from './gateway-function.ts';
import type { LogCounts } from './log-counts.ts';

/** One alarm; what to do about it stands in docs/runbooks/<runbook>.md. */
export interface AlarmLine {
  readonly name: string;
  readonly runbook: string;
  readonly metric: cloudwatch.Metric;
  /** Rings at this value or above. */
  readonly from: number;
  /** Periods of the metric, and how many of them must be bad. */
  readonly of?: readonly [bad: number, periods: number];
  /** Rings when the value is below `from`, or absent. */
  readonly silence?: boolean;
}
export interface Watched {
  readonly frontDoor: FrontDoor;
  readonly functions: Readonly<Record<FunctionName, GatewayFunction>>;
  readonly tableName: string;
  readonly machines: readonly sfn.StateMachine[];
  readonly deadLetters: sqs.Queue;
  readonly auditChanges: sqs.IQueue;
  readonly delays: sqs.IQueue;
  /** Name of the rule of the minute. */
  readonly sweepRule: string;
  readonly counts: LogCounts;
}
const MINUTE = { period: Duration.minutes(1) };
const FIVE = { period: Duration.minutes(5) };

/** Everything that wakes somebody. */
export const alarmLines = (watched: Watched): readonly AlarmLine[] => [
  ...doorLines(watched),
  ...functionLines(watched),
  ...tableLines(watched),
  ...storeLines(watched),
  ...workflowLines(watched),
  ...logLines(watched),
];

const doorLines = ({ frontDoor, functions: { inbound } }: Watched): readonly AlarmLine[] => [
  {
    name: 'api-5xx',
    runbook: 'api-5xx',
    metric: frontDoor.api.metricServerError({ ...MINUTE, statistic: 'Sum' }),
    from: 5,
    of: [2, 3],
  },
  // A call that is not answered is lost for good: one is enough.
  { name: 'inbound-errors', runbook: 'inbound-errors', metric: inbound.fn.metricErrors(MINUTE), from: 1 },
  {
    name: 'inbound-slow',
    runbook: 'inbound-slow',
    metric: inbound.fn.metricDuration({ ...MINUTE, statistic: 'p99' }),
    from: 1500,
    of: [3, 5],
  },
];

function functionLines({ functions }: Watched): readonly AlarmLine[] {
  return FUNCTION_NAMES.flatMap((name): AlarmLine[] => {
    const { fn } = functions[name];
    const throttled: AlarmLine = {
      name: `${name}-throttled`,
      runbook: 'function-throttled',
      metric: fn.metricThrottles(MINUTE),
      from: 1,
    };
    if (name === 'inbound') return [throttled];
    return [throttled, { name: `${name}-errors`, runbook: 'function-errors', metric: fn.metricErrors(FIVE), from: 3 }];
  });
}

const tableLines = ({ tableName }: Watched): readonly AlarmLine[] => [
  {
    name: 'table-reads-throttled',
    runbook: 'table-throttled',
    metric: throttled(tableName, 'ReadThrottleEvents'),
    from: 10,
  },
  {
    name: 'table-writes-throttled',
    runbook: 'table-throttled',
    metric: throttled(tableName, 'WriteThrottleEvents'),
    from: 10,
  },
  // An index over its limits refuses the write of the row, and is counted by itself. One alarm for all would need arithmetic.
  ...Object.keys(TABLE.indexes).map((index) => ({
    name: `index-${index}-throttled`,
    runbook: 'table-throttled',
    metric: throttled(tableName, 'WriteThrottleEvents', index),
    from: 10,
  })),
];

const storeLines = ({
  functions: { jobs },
  deadLetters,
  auditChanges,
  delays,
  sweepRule,
}: Watched): readonly AlarmLine[] => [
  {
    name: 'stream-late',
    runbook: 'stream-late',
    metric: jobs.fn.metric('IteratorAge', { ...MINUTE, statistic: 'Maximum' }),
    from: 60_000,
    of: [3, 5],
  },
  {
    name: 'dead-letters',
    runbook: 'dead-letters',
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({ ...MINUTE, statistic: 'Maximum' }),
    from: 1,
  },
  {
    name: 'audit-changed',
    runbook: 'audit-changed',
    metric: auditChanges.metricApproximateNumberOfMessagesVisible({ ...MINUTE, statistic: 'Maximum' }),
    from: 1,
  },
  {
    name: 'due-lines-late',
    runbook: 'stream-late',
    // A message that failed once comes back after the queue's half hour, and the sweep has its line long before.
    metric: delays.metricApproximateAgeOfOldestMessage({ ...MINUTE, statistic: 'Maximum' }),
    from: 2400,
  },
  {
    name: 'sweep-silent',
    runbook: 'sweep-silent',
    // Of the minute itself: stream and queue call the function as well.
    metric: new cloudwatch.Metric({
      namespace: 'AWS/Events',
      metricName: 'Invocations',
      dimensionsMap: { RuleName: sweepRule },
      ...FIVE,
      statistic: 'Sum',
    }),
    from: 3,
    of: [2, 2],
    silence: true,
  },
];

const throttled = (tableName: string, metricName: string, index?: string): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName, ...(index ? { GlobalSecondaryIndexName: index } : {}) },
    ...MINUTE,
    statistic: 'Sum',
  });

function workflowLines({ machines }: Watched): readonly AlarmLine[] {
  return machines.flatMap((machine) => [
    {
      name: `${machine.node.id}-failed`,
      runbook: 'workflow-ended-badly',
      metric: machine.metricFailed(MINUTE),
      from: 1,
    },
    {
      name: `${machine.node.id}-timed-out`,
      runbook: 'workflow-ended-badly',
      metric: machine.metricTimedOut(MINUTE),
      from: 1,
    },
    {
      name: `${machine.node.id}-aborted`,
      runbook: 'workflow-ended-badly',
      metric: machine.metricAborted(MINUTE),
      from: 1,
    },
  ]);
}

const logLines = ({ counts }: Watched): readonly AlarmLine[] => [
  { name: 'orders-unclear', runbook: 'order-unclear', metric: counts.of('orders-unclear', FIVE), from: 3 },
  { name: 'carrier-out', runbook: 'carrier-out', metric: counts.of('carrier-out', FIVE), from: 3 },
  { name: 'carrier-rests', runbook: 'carrier-out', metric: counts.of('carrier-rests', FIVE), from: 10 },
  { name: 'workflow-stuck', runbook: 'workflow-stuck', metric: counts.of('workflow-stuck', FIVE), from: 1 },
  { name: 'outbox-given-up', runbook: 'outbox-given-up', metric: counts.of('outbox-given-up', FIVE), from: 1 },
  { name: 'jobs-failed', runbook: 'sweep-silent', metric: counts.of('jobs-failed', FIVE), from: 3 },
  { name: 'api-bugs', runbook: 'api-5xx', metric: counts.of('api-bugs', FIVE), from: 1 },
  { name: 'calls-not-routed', runbook: 'inbound-errors', metric: counts.of('calls-not-routed', MINUTE), from: 1 },
  { name: 'webhooks-refused', runbook: 'webhooks-refused', metric: counts.of('webhooks-refused', FIVE), from: 50 },
  { name: 'table-refused', runbook: 'table-refused', metric: counts.of('table-refused', MINUTE), from: 1 },
  { name: 'secrets-unreadable', runbook: 'secrets-unreadable', metric: counts.of('secrets-unreadable', FIVE), from: 1 },
];
