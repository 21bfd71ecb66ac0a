import type { Clock } from './clock.ts';
import type { Log, LogFields } from './log.ts';

const LEVELS = ['info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

export interface LogOptions {
  /** `process.stdout`, or whatever takes lines. */
  readonly stream: { write(line: string): unknown };
  readonly clock: Clock;
  /** The least that is written; default `info`. */
  readonly level?: Level;
}

const MAX_TEXT = 500;
const MAX_STACK = 4000;
/** Callers' numbers: with a plus (also percent-encoded, also grouped), or a bare run of their length (reliability §6). */
const NUMBERS = /(?:\+|%2B)\d(?:[ ().-]{0,2}\d){6,14}|(?<![\w.-])\d{7,15}(?![\w-])/gi;
/** What JSON leaves as it is but a terminal would obey or hide. */
const INVISIBLE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * One JSON line a decision: control characters escaped, numbers masked to the last 3 digits, errors reduced. Lambda leaves a
 * line as it is that names `timestamp` and `level` so; to any other it adds its own (docs/decisions/0011-cheap-webhooks.md).
 */
export function jsonLog({ stream, clock, level: least = 'info' }: LogOptions): Log {
  const write = (level: Level, event: string, fields: LogFields): void => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const head = { timestamp: clock.now().toISOString(), level, event };
    const line = JSON.stringify({ ...head, ...shortened(fields), ...head });
    stream.write(`${line.replace(INVISIBLE, escaped)}\n`);
  };
  return {
    info: (event, fields = {}) => write('info', event, fields),
    warn: (event, fields = {}) => write('warn', event, fields),
    error: (event, cause, fields = {}) => write('error', event, { ...fields, ...reduced(cause) }),
  };
}

/** Masks what looks like a telephone number to its last 3 digits. */
export function masked(text: string): string {
  return text.replace(NUMBERS, (number) => {
    const sign = /^%2B/i.exec(number)?.[0] ?? '';
    const rest = number.slice(sign.length);
    return `${sign}${rest.slice(0, -3).replace(/\d/g, '*')}${rest.slice(-3)}`;
  });
}

function shortened(fields: LogFields): LogFields {
  const pairs = Object.entries(fields).map(([name, value]) => [name, cut(name, value)] as const);
  return Object.fromEntries(pairs);
}

function cut(name: string, value: LogFields[string]): LogFields[string] {
  if (typeof value !== 'string') return value;
  const most = name === 'stack' ? MAX_STACK : MAX_TEXT;
  return masked(value.length > most ? `${value.slice(0, most)}…` : value);
}

/** Name, code and stack, with those of what caused it; nothing else an error may carry. */
function reduced(cause: unknown): LogFields {
  if (!(cause instanceof Error)) return { error: typeof cause };
  const chain = causes(cause);
  const code = chain.map(codeOf).find((found) => found !== undefined);
  const stack = chain.map((error) => error.stack ?? `${error.name}: ${error.message}`).join('\ncaused by ');
  return { error: cause.name, stack, ...(code === undefined ? {} : { code }) };
}

function causes(cause: Error): readonly Error[] {
  const chain: Error[] = [];
  for (let next: unknown = cause; next instanceof Error && chain.length < 4; next = next.cause) chain.push(next);
  return chain;
}

function codeOf(error: Error): string | number | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? code : undefined;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
