import type { Blobs } from './blobs.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Mailer } from './mailer.ts';
import type { Secrets } from './secrets.ts';
import type { Table } from './table.ts';
import type { Workflows } from './workflows.ts';

/** Settings every room may know; all read and checked in one place at start. */
export interface Settings {
  readonly engine: 'local' | 'aws';
  readonly version: string;
  /** This installation's address as carriers and people reach it, without trailing slash. */
  readonly publicUrl: string;
  /** Customer success's mailbox. */
  readonly csMail: string;
  /** Host part of the SIP address of an extension without a `sipUri` of its own. */
  readonly sipDomain: string;
  readonly rateLimitPerMinute: number;
  /** Milliseconds a carrier may take in a search (S1). */
  readonly searchDeadlineMs: number;
}

/** What every room gets; nothing else knows where it runs. */
export interface Deps {
  readonly table: Table;
  readonly workflows: Workflows;
  readonly mailer: Mailer;
  readonly blobs: Blobs;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Settings;
}
