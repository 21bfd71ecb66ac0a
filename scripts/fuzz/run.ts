import fc from 'fast-check';
import { type Call, callsOf } from './calls.ts';
import { type Document, type Operation, operationsOf } from './document.ts';
import { generator, type Known, patternPool } from './inputs.ts';
import { type Answer, judgeBy } from './judge.ts';

export interface FuzzOptions {
  /** Address of a running gateway. */
  readonly url: string;
  /** Calls of an operation. */
  count(operation: Pick<Operation, 'method'>): number;
  readonly seed: number;
  /** Asked before each batch of calls, so that what the one before took away can be made again. */
  known(operation: Pick<Operation, 'method'>): Known | Promise<Known>;
  /** Headers that make a caller of one of these roles. */
  credentials(roles: readonly string[], turn: number): Promise<Readonly<Record<string, string>>>;
  /** Only these operations. */
  readonly only?: readonly string[];
  /** Told after each operation. */
  readonly done?: (result: OperationResult) => void;
}
export interface Finding {
  readonly operation: string;
  readonly what: string;
  readonly times: number;
  readonly example: string;
}
export interface OperationResult {
  readonly operation: string;
  readonly calls: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}
const AT_ONCE = 8;
/** Calls made with the same things to act on, about. */
const BATCH = 250;
let keys = 0;

/** Makes calls of every operation of the gateway's own document and judges every answer by that document. */
export async function fuzz(options: FuzzOptions): Promise<readonly OperationResult[]> {
  const document = (await (await fetch(`${options.url}/openapi.json`)).json()) as Document;
  const judge = judgeBy(document);
  const pool = patternPool();
  const results: OperationResult[] = [];
  const wanted = operationsOf(document).filter(({ id }) => options.only?.includes(id) ?? true);
  for (const operation of wanted.toSorted((a, b) => weightOf(a) - weightOf(b))) {
    const began = performance.now();
    const found = new Map<string, Finding>();
    const statuses: Record<string, number> = {};
    const count = options.count(operation);
    const batch = Math.ceil(count / Math.max(1, Math.round(count / BATCH)));
    for (let from = 0; from < count; from += batch) {
      const make = generator(document, await options.known(operation), pool);
      const numRuns = Math.min(batch, count - from);
      const calls = fc.sample(callsOf(operation, make), { numRuns, seed: options.seed + from });
      await inTurns(calls, async (call, turn) => {
        const answer = await send(options, operation, call, turn);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        const what = judge(operation, call, answer);
        if (what)
          note(found, operation, what, `${described(operation, call)} → ${answer.status} ${answer.text.slice(0, 200)}`);
      });
    }
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    const result = { operation: operation.id, calls: count, seconds, statuses, findings: [...found.values()] };
    results.push(result);
    options.done?.(result);
  }
  return results;
}

const TAKES_AWAY = /^(DELETE|.*(cancellation|rejection|refusal|suspension)$)/;
/** What takes things away comes last, what only reads first. */
function weightOf({ method, path }: Operation): number {
  if (TAKES_AWAY.test(`${method} ${path}`)) return 2;
  return method === 'GET' ? 0 : 1;
}

/** The shortest example says most. */
function note(found: Map<string, Finding>, operation: Operation, what: string, example: string): void {
  const before = found.get(what);
  const shortest = before && before.example.length <= example.length ? before.example : example;
  found.set(what, { operation: operation.id, what, times: (before?.times ?? 0) + 1, example: shortest });
}

const described = (operation: Operation, call: Call): string =>
  `${call.kind} ${operation.method} ${addressOf(call)} ${JSON.stringify(call.headers)} ${call.body ?? ''}`.slice(
    0,
    600,
  );

const addressOf = ({ path, query }: Call): string =>
  query.length === 0 ? path : `${path}?${query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')}`;

async function send(options: FuzzOptions, operation: Operation, call: Call, turn: number): Promise<Answer> {
  const signed = operation.roles.includes('public') ? {} : await options.credentials(operation.roles, turn);
  const headers = {
    ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(operation.method === 'POST' ? { 'Idempotency-Key': `fuzz-${process.pid}-${++keys}` } : {}),
    ...(call.kind === 'hostile' ? call.headers : withoutKey(call.headers)),
    ...signed,
  };
  const body = call.body === undefined ? {} : { body: call.body };
  const answer = await fetchTwice(options.url + addressOf(call), {
    method: operation.method,
    headers,
    redirect: 'manual',
    ...body,
  });
  return {
    status: answer.status,
    type: (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? '',
    requestId: answer.headers.get('request-id'),
    text: await answer.text(),
  };
}

/** A kept connection may end just as it is used again; one that ends twice is an error. */
async function fetchTwice(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    return fetch(url, init);
  }
}

/** A made-up key twice would be answered from memory. */
const withoutKey = ({ 'Idempotency-Key': _, ...rest }: Readonly<Record<string, string>>) => rest;

async function inTurns<T>(items: readonly T[], act: (item: T, turn: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let turn = next++; turn < items.length; turn = next++) {
      const item = items[turn];
      if (item !== undefined) await act(item, turn);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
