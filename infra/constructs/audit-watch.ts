import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipes from 'aws-cdk-lib/aws-pipes';
import { Construct } from 'constructs';
import { TABLE } from '../../functions/platform/aws/table-shape.ts';
import { servicePrincipal, statement } from './privileges.ts';
import type { Queues } from './queues.ts';

/**
 * Watches the table's stream for changes and removals of audit entries (I9) without any code of ours: whoever could change an
 * entry could change the code as well. Each one becomes a message, which names the entry but not what it said.
 */
export class AuditWatch extends Construct {
  constructor(scope: Construct, streamArn: string, queues: Queues) {
    super(scope, 'AuditWatch');
    const role = new iam.Role(this, 'Role', {
      description: 'What the watch over audit entries may do',
      assumedBy: servicePrincipal('pipes', scope),
    });
    role.addToPolicy(
      statement(
        'ReadStream',
        ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        [streamArn],
      ),
    );
    role.addToPolicy(statement('FindStreams', ['dynamodb:ListStreams'], ['*']));
    role.addToPolicy(
      statement('Tell', ['sqs:SendMessage'], [queues.auditChanges.queueArn, queues.deadLetters.queueArn]),
    );
    // Without a name of its own: a restore changes its source, which replaces it, and a named one cannot be replaced.
    const pipe = new pipes.CfnPipe(this, 'Pipe', {
      description: 'Changes and removals of audit entries',
      roleArn: role.roleArn,
      source: streamArn,
      sourceParameters: {
        filterCriteria: { filters: [{ pattern: JSON.stringify(CHANGED) }] },
        dynamoDbStreamParameters: {
          startingPosition: 'TRIM_HORIZON',
          batchSize: 1,
          maximumRetryAttempts: 10,
          deadLetterConfig: { arn: queues.deadLetters.queueArn },
        },
      },
      target: queues.auditChanges.queueArn,
      targetParameters: { inputTemplate: MESSAGE },
    });
    pipe.node.addDependency(role);
  }
}

const CHANGED = {
  eventName: ['MODIFY', 'REMOVE'],
  dynamodb: { Keys: { [TABLE.partitionKey]: { S: [{ prefix: 'AUD#' }] } } },
};
const MESSAGE = `{"change": "<$.eventName>", "entry": "<$.dynamodb.Keys.${TABLE.partitionKey}.S>", "version": "<$.dynamodb.Keys.${TABLE.sortKey}.S>"}`;
