import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { prefixOf, type StageSettings } from '../settings.ts';
import type { FunctionName } from '../table-rights.ts';
import { removal } from './removal.ts';

/** What differs between the functions. */
export interface FunctionShape {
  readonly name: FunctionName;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Calls are sampled by the platform's tracer, which is paid for by the trace. */
  readonly isTraced: boolean;
  readonly reserved?: number | undefined;
  /** Where calls end that nobody waited for and that failed. */
  readonly deadLetters?: sqs.IQueue | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly iam.PolicyStatement[];
}
export interface FunctionHome {
  readonly settings: StageSettings;
  /** Folder of the bundles: `<bundles>/<name>/handler.mjs`. */
  readonly bundles: string;
  readonly logKey: IKey;
}

/** One function with its own role, which has the statements given and may write its own log, nothing by managed policies. */
export class GatewayFunction extends Construct {
  readonly fn: lambda.Function;
  readonly role: iam.Role;
  readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, shape: FunctionShape, { settings, bundles, logKey }: FunctionHome) {
    super(scope, shape.name);
    const functionName = `${prefixOf(settings)}-${shape.name}`;
    this.logGroup = new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: settings.logDays,
      encryptionKey: logKey,
      removalPolicy: removal(settings),
    });
    this.role = new iam.Role(this, 'Role', {
      description: `What the function ${shape.name} of Numbergate may do`,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    const traces = shape.isTraced ? [tracing()] : [];
    for (const statement of [...shape.statements, this.ownLog(), ...traces]) this.role.addToPolicy(statement);
    this.fn = new lambda.Function(this, 'Function', {
      functionName,
      description: `Numbergate ${settings.stage}: ${shape.name}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundleOf(bundles, shape.name)),
      handler: 'handler.handler',
      role: this.role.withoutPolicyUpdates(),
      memorySize: shape.memoryMb,
      timeout: Duration.seconds(shape.timeoutSeconds),
      tracing: shape.isTraced ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
      logGroup: this.logGroup,
      ...LOGGING,
      environment: shape.environment,
      ...(shape.deadLetters ? { deadLetterQueue: shape.deadLetters } : {}),
      ...(shape.reserved === undefined ? {} : { reservedConcurrentExecutions: shape.reserved }),
    });
    this.fn.node.addDependency(this.role);
  }

  private ownLog(): iam.PolicyStatement {
    return new iam.PolicyStatement({
      sid: 'OwnLog',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [this.logGroup.logGroupArn],
    });
  }
}

/**
 * In this format the platform can keep to itself the lines of calls that went well, three a call and more bytes than ours; it
 * writes of time-outs and crashes. Our own lines are JSON already and stay as they are. All of them pass: jsonLog decides.
 */
const LOGGING = {
  loggingFormat: lambda.LoggingFormat.JSON,
  systemLogLevelV2: lambda.SystemLogLevel.WARN,
  applicationLogLevelV2: lambda.ApplicationLogLevel.TRACE,
} as const;

/** The service knows no resources for these two. */
const tracing = (): iam.PolicyStatement =>
  new iam.PolicyStatement({
    sid: 'Tracing',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    resources: ['*'],
  });

function bundleOf(bundles: string, name: FunctionName): string {
  const folder = join(bundles, name);
  if (!existsSync(join(folder, 'handler.mjs')))
    throw new Error(`${folder} holds no handler.mjs: run "npm run build" first`);
  return folder;
}
