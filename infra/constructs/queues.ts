import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { prefixOf, type StageSettings } from '../settings.ts';
import { removal } from './removal.ts';

/** A message comes back after this time if the function that took it did not end: six times its own limit. */
const VISIBILITY = Duration.minutes(30);
const LONGEST_KEPT = Duration.days(14);

/** Lines that are due within minutes, and what nobody could take. */
export class Queues extends Construct {
  readonly delays: sqs.Queue;
  /** Events that were given up by the rule, the stream or the queue; each has an alarm. */
  readonly deadLetters: sqs.Queue;
  /** One message a change or removal of an audit entry (I9): empty for ever. */
  readonly auditChanges: sqs.Queue;

  constructor(scope: Construct, settings: StageSettings) {
    super(scope, 'Queues');
    const make = (id: string, name: string, props: sqs.QueueProps) =>
      new sqs.Queue(this, id, {
        queueName: `${prefixOf(settings)}-${name}`,
        encryption: sqs.QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: LONGEST_KEPT,
        removalPolicy: removal(settings),
        ...props,
      });
    this.deadLetters = make('DeadLetters', 'dead-letters', {});
    this.auditChanges = make('AuditChanges', 'audit-changes', {});
    this.delays = make('Delays', 'delays', {
      visibilityTimeout: VISIBILITY,
      // A line that is not delivered from here is found by the sweep.
      retentionPeriod: Duration.days(1),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
  }
}
