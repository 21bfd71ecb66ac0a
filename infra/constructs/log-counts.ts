import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { prefixOf, type StageSettings } from '../settings.ts';
import { FUNCTION_NAMES, type FunctionName } from '../table-rights.ts';
import type { GatewayFunction } from './gateway-function.ts';

interface Counted {
  readonly in: readonly FunctionName[];
  /** Names of log lines: `event` in each JSON line. */
  readonly events: readonly string[];
  /** A field that must be true as well. */
  readonly where?: string;
}

/** What is counted in the functions' logs (reliability §7); the names are those the code writes. */
export const COUNTED = {
  'orders-unclear': { in: ['carriers'], events: ['order_unclear', 'purchase_threw'] },
  'carrier-out': { in: ['carriers'], events: ['carrier_unreachable', 'carrier_passed_over'] },
  'workflow-stuck': { in: ['requests'], events: ['workflow_stuck'] },
  'outbox-given-up': { in: ['jobs'], events: ['outbox_delivery_failed'], where: 'gaveUp' },
  'jobs-failed': { in: ['jobs'], events: ['sweep_failed', 'job_failed'] },
  'api-bugs': { in: ['api', 'carriers'], events: ['call_failed', 'not_served'] },
  'calls-not-routed': { in: ['inbound'], events: ['webhook_not_served', 'inbound_not_served', 'route_unreadable'] },
  'webhooks-refused': { in: ['inbound'], events: ['webhook_refused'] },
  'table-refused': { in: FUNCTION_NAMES, events: ['table_refused'] },
  'secrets-unreadable': { in: ['inbound'], events: ['inbound_secrets_unreadable'] },
} as const satisfies Readonly<Record<string, Counted>>;
export type CountedName = keyof typeof COUNTED;

/** Counts of log lines as metrics of a namespace of the stage's own. */
export class LogCounts extends Construct {
  private readonly metrics = new Map<CountedName, cloudwatch.Metric>();

  constructor(scope: Construct, settings: StageSettings, functions: Readonly<Record<FunctionName, GatewayFunction>>) {
    super(scope, 'LogCounts');
    for (const [name, counted] of Object.entries(COUNTED) as [CountedName, Counted][])
      for (const where of counted.in) {
        const filter = new logs.MetricFilter(this, `${name}-${where}`, {
          logGroup: functions[where].logGroup,
          metricNamespace: `Numbergate/${prefixOf(settings)}`,
          metricName: name,
          metricValue: '1',
          filterPattern: logs.FilterPattern.literal(patternOf(counted)),
        });
        this.metrics.set(name, filter.metric());
      }
  }

  of(name: CountedName, options: cloudwatch.MetricOptions): cloudwatch.Metric {
    const metric = this.metrics.get(name);
    if (!metric) throw new Error(`${name} is not counted`);
    return metric.with({ statistic: 'Sum', ...options });
  }
}

/** `{ (($.event = "a") || ($.event = "b")) && ($.gaveUp IS TRUE) }` */
export function patternOf({ events, where }: Counted): string {
  const named = events.map((event) => `($.event = "${event}")`).join(' || ');
  return where ? `{ (${named}) && ($.${where} IS TRUE) }` : `{ ${named} }`;
}
