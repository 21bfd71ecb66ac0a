import type { Carriers } from '../../../functions/carriers/port.ts';
import type { Mailer } from '../../../functions/platform/mailer.ts';
import type { Table, Write } from '../../../functions/platform/table.ts';
import type { Task } from '../../../functions/platform/task.ts';
import type { BuyDeps } from '../../../functions/requests/buy-deps.ts';
import type { LocalTable } from '../../../local/engine/table.ts';
import type { Choices } from './choices.ts';
import type { Market } from './market.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

export const SETTINGS = {
  engine: 'local',
  version: '0',
  publicUrl: 'https://gateway.example',
  csMail: 'cs@gateway.example',
  sipDomain: 'sip.gateway.example',
  rateLimitPerMinute: 600,
  searchDeadlineMs: 3000,
} as const;

interface Place {
  readonly world: World;
  readonly actor: Actor;
  readonly mailer: Mailer;
}
/** A mistake that such a program could make. It lives in what surrounds the product's code, never in that code itself. */
export interface Bug {
  readonly name: string;
  table?(table: Table, place: Place): Table;
  carriers?(carriers: Carriers, place: Place): Carriers;
  /** Instead of the tasks of the same name. */
  readonly tasks?: readonly Task<BuyDeps>[];
}

/** How rough a run is: drawn first, so that kind and cruel worlds both occur. */
export interface Temper {
  /** Share of carrier calls that go wrong. */
  readonly faulty: number;
  /** Share of task calls that die, stall or run twice. */
  readonly harsh: number;
  readonly unruly: number;
  readonly chatty: number;
}
export interface World {
  readonly choices: Choices;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly market: Market;
  readonly table: LocalTable;
  readonly temper: Temper;
  readonly bug: Bug | undefined;
  readonly mails: string[];
  /** What was seen to be wrong while it ran. */
  readonly wrong: string[];
  readonly acknowledged: string[];
  /** Calls under way. */
  readonly running: Set<Actor>;
  /** Executions under way, by request. */
  readonly alive: Set<string>;
  /** Waits that end when their token comes. */
  readonly waits: Map<string, () => void>;
  /** `r1` of a request or of a reference. */
  nameOf(id: string): string;
  depsOf(actor: Actor): BuyDeps;
  /** To be told of what is written outside of any actor. */
  committed(writes: readonly Write[]): void;
  /** Set once the engine is there. */
  engine: {
    start(name: string, input: { readonly tenantId: string; readonly requestId: string }): void;
    /** Calls something as the platform does: it may die, stall or run twice. */
    deliver(line: string): void;
  };
}
