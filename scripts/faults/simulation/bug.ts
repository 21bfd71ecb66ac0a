import type { Carriers } from '../../../functions/carriers/port.ts';
import type { Mailer } from '../../../functions/platform/mailer.ts';
import type { Table } from '../../../functions/platform/table.ts';
import type { Task } from '../../../functions/platform/task.ts';
import type { BuyDeps } from '../../../functions/requests/buy-deps.ts';
import type { Actor } from './scheduler.ts';
import type { World } from './world.ts';

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
