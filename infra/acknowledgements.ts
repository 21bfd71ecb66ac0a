/** A finding of the rule packs that stands, and why. */
export interface Acknowledgement {
  /** As printed, without what follows in brackets: `AwsSolutions::AwsSolutions-IAM5`. */
  readonly rule: string;
  /** Construct below the stack it is good for, with everything inside; '' is the whole stack. */
  readonly at: string;
  /** Only findings whose text in brackets is this. */
  readonly finding?: RegExp;
  /** Only where a stage gives up what the rule asks for. */
  readonly stage?: 'passwordSignIn';
  readonly reason: string;
}

const both = (rule: string): readonly string[] => [
  `NIST.800.53.R5::NIST.800.53.R5-${rule}`,
  `PCI.DSS.321::PCI.DSS.321-${rule}`,
];
const each = (rules: readonly string[], at: readonly string[], reason: string): readonly Acknowledgement[] =>
  rules.flatMap((rule) => at.map((one) => ({ rule, at: one, reason })));

const WILDCARD = 'AwsSolutions::AwsSolutions-IAM5';
const FUNCTIONS = ['api', 'carriers', 'requests', 'inbound', 'jobs'].map((name) => `Functions/${name}`);
const TRACED = FUNCTIONS.filter((path) => path !== 'Functions/inbound');
const CALLED_AND_AWAITED = FUNCTIONS.filter((path) => path !== 'Functions/jobs');

/**
 * Every finding of AwsSolutions, Serverless, NIST 800-53 R5 and PCI DSS 3.2.1 that is accepted. One that no longer occurs stops
 * the synthesis, as one that is not listed does.
 */
export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    rule: 'AwsSolutions::AwsSolutions-APIG4',
    at: 'FrontDoor',
    reason:
      'The functions verify tokens, API keys and carriers’ signatures themselves, the same on one machine: a JWT authorizer would turn API keys and webhooks away and answer without problem documents.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-COG8',
    at: 'SignIn',
    reason:
      'The plus plan is priced per user. People are invited by administrators, cannot sign up themselves and need a second factor.',
  },
  {
    rule: 'AwsSolutions::AwsSolutions-COG2',
    at: 'SignIn',
    stage: 'passwordSignIn',
    reason: 'A stage for tests that keeps no data: journeys sign in by password.',
  },
  ...each(
    ['AwsSolutions::AwsSolutions-SMG4', 'NIST.800.53.R5::NIST.800.53.R5-SecretsManagerRotationEnabled'],
    ['Secrets'],
    'A rotating function would need the right to make credentials at each carrier, which is the right over the account there. People do it, with two versions valid at once (docs/deploy.md).',
  ),
  ...each(
    both('LambdaInsideVPC'),
    ['Functions'],
    'Nothing the functions reach lies in a private network: carriers are on the internet, the rest are services of AWS with their own authorisation. A network would add a NAT gateway to each call and reach nobody else.',
  ),
  ...each(
    ['NIST.800.53.R5::NIST.800.53.R5-LambdaConcurrency'],
    ['Functions'],
    'Reserved concurrency is a floor and a ceiling at once, taken from what the account has. Inbound has its own, since a call cannot wait; a small account switches that off (setting reserved). Callers of the others repeat, and share the rest.',
  ),
  ...each(
    ['Serverless::Serverless-LambdaDLQ', 'NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ'],
    CALLED_AND_AWAITED,
    'Only ever called by somebody who waits for the answer (HTTP API or Step Functions) and repeats by himself: such calls never reach a dead-letter queue.',
  ),
  {
    rule: 'Serverless::Serverless-LambdaTracing',
    at: 'Functions/inbound',
    reason:
      'Traces are paid for by the piece: sampled at ten calls a second they would be half of what a call costs in all (docs/decisions/0011-cheap-webhooks.md). Its one reading of the table has metrics of its own.',
  },
  ...each(
    both('IAMNoInlinePolicy'),
    ['Functions', 'Workflows', 'AuditWatch'],
    'One role for one purpose: its policy is part of it and of nothing else. A policy shared between roles is what this rule would lead to.',
  ),
  ...each(
    ['Serverless::Serverless-SQSRedrivePolicy'],
    ['Queues/DeadLetters', 'Queues/AuditChanges'],
    'These are the last place themselves: nothing takes messages from them but a person.',
  ),
  ...each(
    ['AwsSolutions::AwsSolutions-SQS3'],
    ['Queues/AuditChanges'],
    'Filled by a watch and read by a person: no consumer could fail.',
  ),
  ...each(
    ['Serverless::Serverless-LambdaEventSourceMappingDestination'],
    ['Wakes/DueLines'],
    'The queue has its own redrive policy to the dead letters; a destination exists only for streams.',
  ),
  ...each(
    both('S3BucketReplicationEnabled'),
    ['Files'],
    'Papers stay in the region their tenant agreed to; versions protect from deletion. The console is built anew from the repository, an access log is worth nothing elsewhere.',
  ),
  ...each(
    both('S3DefaultEncryptionKMS'),
    ['Files/AccessLog'],
    'The service delivers access logs only to buckets encrypted with its own keys.',
  ),
  ...TRACED.map((at) => ({
    rule: WILDCARD,
    at,
    finding: /^Resource::\*$/,
    reason: 'xray:PutTraceSegments and PutTelemetryRecords (and dynamodb:ListStreams of jobs) know no resources.',
  })),
  {
    rule: WILDCARD,
    at: 'AuditWatch',
    finding: /^Resource::\*$/,
    reason: 'dynamodb:ListStreams knows no resources.',
  },
  {
    rule: WILDCARD,
    at: 'Workflows',
    finding: /^Resource::\*$/,
    reason: 'Delivery of logs and traces by Step Functions knows no resources.',
  },
  ...['Functions/api', 'Functions/carriers', 'Functions/jobs'].map((at) => ({
    rule: WILDCARD,
    at,
    finding: /^Resource::<FilesPapers[0-9A-F]+\.Arn>\/papers\/\*$/,
    reason: 'Papers have random names below this one prefix.',
  })),
  ...['Functions/api', 'Functions/jobs'].map((at) => ({
    rule: WILDCARD,
    at,
    finding: /:execution:numbergate-[a-z0-9]+-[a-z-]+:\*$/,
    reason: 'Executions are named by their requests; the machine is named here.',
  })),
];
