import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { prefixOf, type StageSettings } from '../settings.ts';
import { removal } from './removal.ts';

/**
 * Three keys, since their readers differ: papers (upload check and hand-in only), secrets, and what operators read
 * (logs and alarms). The table is encrypted with the service's own key: inbound's one read must not wait for another service.
 */
export class Keys extends Construct {
  readonly papers: kms.Key;
  readonly secrets: kms.Key;
  readonly operations: kms.Key;

  constructor(scope: Construct, settings: StageSettings) {
    super(scope, 'Keys');
    const make = (id: string, what: string) =>
      new kms.Key(this, id, {
        alias: `${prefixOf(settings)}/${id.toLowerCase()}`,
        description: `Numbergate ${settings.stage}: ${what}`,
        enableKeyRotation: true,
        pendingWindow: Duration.days(30),
        removalPolicy: removal(settings),
      });
    this.papers = make('Papers', 'identity papers');
    this.secrets = make('Secrets', 'credentials of carriers and webhooks');
    this.operations = make('Operations', 'logs and alarms');
    this.operations.addToResourcePolicy(logsMayUse(Stack.of(this)));
    this.operations.addToResourcePolicy(alarmsMayUse(Stack.of(this)));
  }
}

/** Only for log groups of this account. */
function logsMayUse(stack: Stack): iam.PolicyStatement {
  const groups = stack.formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': groups } },
  });
}

/** CloudWatch hands alarms to an encrypted topic. */
function alarmsMayUse(stack: Stack): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
  });
}
