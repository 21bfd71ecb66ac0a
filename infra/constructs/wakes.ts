import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { TABLE } from '../../functions/platform/aws/table-shape.ts';
import { prefixOf, type StageSettings } from '../settings.ts';
import type { Files } from './files.ts';
import type { Queues } from './queues.ts';
import type { Workflows } from './workflows.ts';

interface Wakers {
  readonly settings: StageSettings;
  readonly jobs: lambda.Function;
  readonly streamArn: string;
  readonly queues: Queues;
  readonly files: Files;
  readonly workflows: Workflows;
}

/** What wakes `jobs`: new outbox lines, each minute, lines that became due, uploads, executions that ended badly. */
export class Wakes extends Construct {
  /** Name of the rule of the minute. */
  readonly sweepRule: string;

  constructor(scope: Construct, { settings, jobs, streamArn, queues, files, workflows }: Wakers) {
    super(scope, 'Wakes');
    new lambda.EventSourceMapping(this, 'NewLines', {
      target: jobs,
      eventSourceArn: streamArn,
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      batchSize: 10,
      filters: [newLines],
      reportBatchItemFailures: true,
      // A poison line must not hold up the others (X5); what is given up here is found by the sweep.
      bisectBatchOnError: true,
      retryAttempts: 3,
      maxRecordAge: Duration.hours(1),
      parallelizationFactor: 4,
      onFailure: { bind: () => ({ destination: queues.deadLetters.queueArn }) },
    });
    new lambda.EventSourceMapping(this, 'DueLines', {
      target: jobs,
      eventSourceArn: queues.delays.queueArn,
      batchSize: 10,
      // Late lines must not take the account's concurrency from callers.
      maxConcurrency: 5,
      reportBatchItemFailures: true,
    });
    const rule = (id: string, name: string, props: events.RuleProps) =>
      new events.Rule(this, id, {
        ruleName: `${prefixOf(settings)}-${name}`,
        ...props,
        targets: [
          new targets.LambdaFunction(jobs, {
            deadLetterQueue: queues.deadLetters,
            retryAttempts: 2,
            maxEventAge: Duration.hours(1),
          }),
        ],
      });
    this.sweepRule = rule('Sweep', 'sweep', { schedule: events.Schedule.rate(Duration.minutes(1)) }).ruleName;
    rule('Uploads', 'uploads', { eventPattern: uploadsTo(files) });
    rule('BadEnds', 'bad-ends', { eventPattern: badEndsOf(workflows) });
  }
}

/** The stream carries every change of the table; the function is woken by outbox lines only. */
const newLines = lambda.FilterCriteria.filter({
  eventName: lambda.FilterRule.isEqual('INSERT'),
  dynamodb: { Keys: { [TABLE.partitionKey]: { S: lambda.FilterRule.beginsWith('OUT#') } } },
});

const uploadsTo = ({ papers }: Files): events.EventPattern => ({
  source: ['aws.s3'],
  detailType: ['Object Created'],
  detail: { bucket: { name: [papers.bucketName] }, object: { key: [{ prefix: 'papers/' }] } },
});

/** An execution that ended otherwise than by its own last state leaves a request without a timer: it goes into the inbox (I4). */
const badEndsOf = ({ machines }: Workflows): events.EventPattern => ({
  source: ['aws.states'],
  detailType: ['Step Functions Execution Status Change'],
  detail: {
    stateMachineArn: machines.map((machine) => machine.stateMachineArn),
    status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
  },
});
