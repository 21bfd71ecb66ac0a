/**
 * Dollars a unit in us-east-1, on demand, without free tiers and volume discounts: list prices of AWS as of August 2026, the
 * date performance.md took them. The only place a price stands; what is counted is multiplied by these.
 */
export const PRICES = {
  /** API Gateway, HTTP API: a request (of up to 512 KB). */
  httpRequest: 1 / 1e6,
  /** Lambda: an invocation, and a second of one GB on arm64. */
  invocation: 0.2 / 1e6,
  gigabyteSecond: 0.0000133334,
  /** DynamoDB on demand: a read of 4 KB (half of it when eventually consistent), a write of 1 KB. */
  readUnit: 0.125 / 1e6,
  writeUnit: 0.625 / 1e6,
  /** Step Functions, Standard. */
  transition: 0.025 / 1e3,
  /** CloudWatch Logs taken in, vended logs of API Gateway and Step Functions at the same price. */
  logByte: 0.5 / 1e9,
  /** SES, a recipient. */
  mail: 0.1 / 1e3,
  /** X-Ray, a trace recorded. */
  trace: 5 / 1e6,
  /** Secrets Manager, a reading; KMS, the opening of it. */
  secretRead: 0.05 / 1e4,
  keyRequest: 0.03 / 1e4,
  /** S3 Standard. */
  putObject: 5 / 1e6,
  getObject: 0.4 / 1e6,
} as const;
export const PRICES_AS_OF = '2026-08';

export type Unit = keyof typeof PRICES;
/** So many of each. */
export type Counted = Readonly<Partial<Record<Unit, number>>>;

export function dollars(counted: Counted): number {
  return Object.entries(counted).reduce((sum, [unit, count]) => sum + PRICES[unit as Unit] * count, 0);
}

/** What each unit costs, dearest first: for the report. */
export function dollarsEach(counted: Counted, times = 1): readonly (readonly [Unit, number])[] {
  const each = Object.entries(counted).map(
    ([unit, count]) => [unit as Unit, PRICES[unit as Unit] * count * times] as const,
  );
  return each.filter(([, price]) => price > 0).sort(([, a], [, b]) => b - a);
}
