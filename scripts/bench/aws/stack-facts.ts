import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { GatewayStack } from '../../../infra/gateway-stack.ts';
import { readStage } from '../../../infra/settings.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../build/function-bundle.ts';

/** What the infrastructure adds to a call's price, read from the very template that is deployed. */
export interface StackFacts {
  readonly memoryMb: Readonly<Record<FunctionName, number>>;
  readonly isTraced: Readonly<Record<FunctionName, boolean>>;
  /** Bytes the platform logs about an invocation, beside what the function writes. */
  readonly platformBytes: Readonly<Record<FunctionName, number>>;
  /** Bytes of the front door's log line. */
  readonly accessBytes: number;
  /** Bytes that a workflow's event takes in its log; 0: events are not logged. */
  readonly workflowEventBytes: number;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, never>>;
}
interface FunctionProperties {
  readonly FunctionName: string;
  readonly MemorySize: number;
  readonly TracingConfig?: { readonly Mode: string };
  readonly LoggingConfig?: { readonly LogFormat?: string; readonly SystemLogLevel?: string };
}

/** Synthesizes the stage and looks; needs neither account nor bundles. */
export function stackFacts(stage = 'prod'): StackFacts {
  const resources = templateOf(stage);
  const propertiesOf = <T>(type: string): readonly T[] =>
    resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties as unknown as T);
  const functions = propertiesOf<FunctionProperties>('AWS::Lambda::Function');
  const each = <T>(fact: (properties: FunctionProperties) => T): Readonly<Record<FunctionName, T>> => {
    const facts = FUNCTION_NAMES.map((name) => {
      const found = functions.find(({ FunctionName: called }) => called?.endsWith(`-${name}`));
      if (!found) throw new Error(`the stack has no function ${name}`);
      return [name, fact(found)] as const;
    });
    return Object.fromEntries(facts) as Record<FunctionName, T>;
  };
  const [door] = propertiesOf<{ AccessLogSettings?: { Format: string } }>('AWS::ApiGatewayV2::Stage');
  const machines = propertiesOf<{ LoggingConfiguration?: { Level: string } }>('AWS::StepFunctions::StateMachine');
  return {
    memoryMb: each(({ MemorySize }) => MemorySize),
    isTraced: each(({ TracingConfig }) => TracingConfig?.Mode === 'Active'),
    platformBytes: each(platformBytes),
    accessBytes: filledIn(door?.AccessLogSettings?.Format ?? ''),
    workflowEventBytes: machines.some(({ LoggingConfiguration: log }) => log?.Level === 'ALL') ? WORKFLOW_EVENT : 0,
  };
}

function templateOf(stage: string): readonly Resource[] {
  const bundles = mkdtempSync(join(tmpdir(), 'numbergate-stack-'));
  try {
    for (const name of FUNCTION_NAMES) {
      mkdirSync(join(bundles, name));
      writeFileSync(join(bundles, name, 'handler.mjs'), 'export const handler = undefined;\n');
    }
    const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', '..', 'cdk.json'), 'utf8'));
    const app = new App({ context: { ...context, stage }, outdir: join(bundles, 'out'), analyticsReporting: false });
    const stack = new GatewayStack(app, 'bench', { settings: readStage(app.node), bundles });
    const { template } = app.synth().getStackArtifact(stack.artifactId);
    return Object.values(template.Resources as Readonly<Record<string, Resource>>);
  } finally {
    rmSync(bundles, { recursive: true, force: true });
  }
}

const ID = '8286a188-ba32-4475-8077-530cd35c09a9';
const TRACE = 'Root=1-5f1a9b6e-3f2b1c0d4e5f60718293a4b5;Parent=53995c3f42cd8ad8;Sampled=1';
/** What the platform writes of an invocation in its text format, and by JSON, at typical values. */
const TEXT_LINES = [
  `START RequestId: ${ID} Version: $LATEST\n`,
  `END RequestId: ${ID}\n`,
  `REPORT RequestId: ${ID}\tDuration: 3.41 ms\tBilled Duration: 4 ms\tMemory Size: 256 MB\tMax Memory Used: 78 MB\t\n`,
];
const TEXT_TRACE = `XRAY TraceId: 1-5f1a9b6e-3f2b1c0d4e5f60718293a4b5\tSegmentId: 53995c3f42cd8ad8\tSampled: true\t\n`;
const tracing = { spanId: '53995c3f42cd8ad8', type: 'X-Amzn-Trace-Id', value: TRACE };
const spans = [{ name: 'responseLatency', start: '2026-08-01T12:00:00.000Z', durationMs: 2.1 }];
const metrics = { durationMs: 3.41, billedDurationMs: 4, memorySizeMB: 256, maxMemoryUsedMB: 78 };
const JSON_LINES = [
  { type: 'platform.start', record: { requestId: ID, version: '$LATEST', tracing } },
  { type: 'platform.report', record: { requestId: ID, metrics, tracing, spans, status: 'success' } },
].map((line) => `${JSON.stringify({ time: '2026-08-01T12:00:00.000Z', ...line })}\n`);
/** An event of an execution without its data. */
const WORKFLOW_EVENT = Buffer.byteLength(
  JSON.stringify({
    ...{ id: '12', type: 'TaskStateEntered', details: { name: 'PurchaseNumber' }, previous_event_id: '11' },
    ...{ event_timestamp: '1785585600000', redrive_count: '0' },
    execution_arn: `arn:aws:states:us-east-1:123456789012:execution:numbergate-prod-request-number:req_${'0'.repeat(26)}`,
  }),
);

function platformBytes({ LoggingConfig: log, TracingConfig: traced }: FunctionProperties): number {
  if (log?.LogFormat !== 'JSON') {
    const lines = traced?.Mode === 'Active' ? [...TEXT_LINES, TEXT_TRACE] : TEXT_LINES;
    return Buffer.byteLength(lines.join(''));
  }
  const isQuiet = log.SystemLogLevel === 'WARN';
  return isQuiet ? 0 : Buffer.byteLength(JSON_LINES.join(''));
}

const TYPICAL: Readonly<Record<string, string>> = {
  requestTime: '01/Aug/2026:12:00:00 +0000',
  requestId: 'JKJaXmPLvHcESHA=',
  routeKey: 'POST /inbound/{proxy+}',
  status: '200',
  responseLatency: '12',
  integrationLatency: '9',
  responseLength: '318',
};

/** Bytes of a log format with typical values; what did not happen is a dash. */
function filledIn(format: string): number {
  return Buffer.byteLength(format.replace(/\$context\.([\w.]+)/g, (_, name: string) => TYPICAL[name] ?? '-'));
}
