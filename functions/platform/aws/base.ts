import type { Clock } from '../clock.ts';
import { jsonLog } from '../json-log.ts';
import type { Log } from '../log.ts';

/** The time of the machine. Nothing wakes by itself in a function: what is to happen later goes through the outbox. */
export const functionClock: Clock = {
  now: () => new Date(),
  wakeAt: () => {
    throw new Error('a function does not wait: write an outbox line');
  },
};

/** One JSON line a decision to standard output, which the platform keeps. */
export const functionLog = (): Log => jsonLog({ stream: process.stdout, clock: functionClock });

/** Where the function runs: set by the platform. */
export const regionOf = (env: Readonly<Record<string, string | undefined>>): string =>
  env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
