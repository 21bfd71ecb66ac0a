import { incoming, status } from '../../../test/inbound/signed.ts';
import { NUMBERS, numberAt } from '../load-numbers.ts';
import { type Counted, dollars, dollarsEach, PRICES, PRICES_AS_OF } from '../prices.ts';
import { type Finding, finding } from '../shape.ts';
import type { StackFacts } from './stack-facts.ts';
import { countWebhooks, type WebhookCount } from './webhook-counts.ts';

/** Dollars a million, performance §6: the lean targets without and with a call record. */
const GOALS = { call: 1.5, record: 2.1 } as const;
type Kind = keyof typeof GOALS;
const MILLION = 1e6;
const CALLS = 600;
/** What is not measured here but priced: each with where it comes from. */
const ASSUMED = {
  /** Memory that buys one processor. */
  mbOfProcessor: 1769,
  /** Milliseconds the table takes for an answer, within a region. */
  tableMs: 2,
  /** Part of the calls that start a process, and how long that takes. */
  coldShare: 0.002,
  coldMs: 200,
  /** Webhooks a second while they come: the tracer records the first of each second and 5 % of the others. */
  perSecond: 10,
  /** The secret is read again each 5 minutes: at a million a month by one process without a pause. */
  secretReadings: (30 * 24 * 60) / 5,
} as const;

/**
 * W2: dollars a million webhooks, counted with the deployed bundle over the wire of DynamoDB and priced by one table: a call
 * answered (no record), and a call's end, which files its record. The value is the worse of both ÷ its target.
 */
export async function measureWebhooks(bundle: string, stack: StackFacts): Promise<Finding> {
  const counts = await countWebhooks(bundle, webhooks());
  const priced = (Object.keys(GOALS) as Kind[]).map((kind) => {
    const count = counts[kind];
    if (!count) throw new Error(`${kind} was not counted`);
    const counted = countedOf(count, stack);
    return { kind, count, counted, price: MILLION * dollars(counted), goal: GOALS[kind] };
  });
  return finding({
    id: 'W2',
    what: 'dollars a million webhooks ÷ their target: the worse of a call answered and a call’s end with its record',
    value: Math.max(...priced.map(({ price, goal }) => price / goal)),
    unit: 'ratio',
    goal: 1,
    detail: { 'prices of': PRICES_AS_OF, ...Object.fromEntries(priced.flatMap((one) => describe(one, stack))) },
  });
}

function webhooks() {
  const now = new Date();
  const call = (i: number) => ({ id: `w2 ${i}`, from: '+447700900123', to: numberAt((i * 17) % NUMBERS) });
  const calls = Array.from({ length: CALLS }, (_, i) => call(i));
  return {
    call: calls.map((one) => incoming('twilio', one, now)),
    record: calls.map((one) => status('twilio', one, 'completed', now, now)),
  };
}

function countedOf({ cpuMs, requests, table, logBytes }: WebhookCount, stack: StackFacts): Counted {
  const gb = stack.memoryMb.inbound / 1024;
  const processor = Math.min(1, stack.memoryMb.inbound / ASSUMED.mbOfProcessor);
  const billedMs = Math.ceil(cpuMs / processor + requests * ASSUMED.tableMs);
  const secondReadings = ASSUMED.secretReadings / MILLION;
  return {
    httpRequest: 1,
    invocation: 1,
    gigabyteSecond: (gb * (billedMs + ASSUMED.coldShare * ASSUMED.coldMs)) / 1000,
    readUnit: table.reads,
    writeUnit: table.writes,
    logByte: logBytes + stack.platformBytes.inbound + stack.accessBytes,
    trace: stack.isTraced.inbound ? sampled(ASSUMED.perSecond) : 0,
    secretRead: secondReadings,
    keyRequest: secondReadings,
  };
}

/** The tracer's own rule: the first of each second, and 5 % of what comes beyond. */
const sampled = (perSecond: number): number => (1 + 0.05 * (perSecond - 1)) / perSecond;

interface Priced {
  readonly kind: Kind;
  readonly count: WebhookCount;
  readonly counted: Counted;
  readonly price: number;
  readonly goal: number;
}

function describe({ kind, count, counted, price, goal }: Priced, stack: StackFacts) {
  const { cpuMs, requests, table, logBytes, logLines } = count;
  const each = dollarsEach(counted, MILLION).filter(([, part]) => part >= 0.005);
  const kinds = Object.entries(table.writesOf).map(([name, units]) => `${name} ${round(units / CALLS)}`);
  const facts: (readonly [string, string])[] = [
    [kind, `$${price.toFixed(2)} of $${goal.toFixed(2)}`],
    [`${kind}, $ each`, each.map(([unit, part]) => `${unit} ${part.toFixed(2)}`).join(', ')],
    [
      `${kind}, counted`,
      `${Math.round(cpuMs * 1000)} µs CPU, ${round(requests)} table requests, ${round(table.reads)} read and ${round(table.writes)} write units${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}, ${round(logLines)} log line of ${Math.round(logBytes)} B, ${stack.platformBytes.inbound} B by the platform, ${stack.accessBytes} B by the front door`,
    ],
  ];
  const saved = dollars({ trace: counted.trace ?? 0, logByte: stack.platformBytes.inbound });
  facts.push([`${kind} without traces and the platform’s lines`, `$${(price - MILLION * saved).toFixed(2)}`]);
  if (price > goal) facts.push([`${kind} over its target`, `$${(price - goal).toFixed(2)}: ${overBy(count, counted)}`]);
  return facts;
}

/** What the target does not count, or counts as less, in dollars a million (performance §6). */
function overBy({ table }: WebhookCount, counted: Counted): string {
  const parts: readonly (readonly [string, number])[] = [
    ['traces', MILLION * PRICES.trace * (counted.trace ?? 0)],
    ['log beyond 300 B', MILLION * PRICES.logByte * ((counted.logByte ?? 0) - 300)],
    ['read beyond half a unit', MILLION * PRICES.readUnit * (table.reads - 0.5)],
    ['written beyond one unit', MILLION * PRICES.writeUnit * (table.writes - 1)],
  ];
  return parts
    .filter(([, price]) => price >= 0.01)
    .sort(([, a], [, b]) => b - a)
    .map(([name, price]) => `${name} ${price.toFixed(2)}`)
    .join(', ');
}

const round = (value: number): number => Math.round(value * 100) / 100;
