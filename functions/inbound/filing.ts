import type { CarrierId } from '../domain/carrier-id.ts';
import { ConditionFailed, type JsonObject, type Key, type Table, type Write } from '../platform/table.ts';
import type { RouteEntry } from '../routing/schema.ts';

/** An event on its way into the table. */
export interface Filing {
  readonly carrier: CarrierId;
  readonly now: Date;
  readonly recordDays: number;
  /** The number's routing entry; undefined: a number of nobody. */
  readonly route: () => Promise<RouteEntry | undefined>;
}
export type Filed = 'stored' | 'repeated' | 'nobodys';

/** How often a neighbour's event may come between reading and writing: then both are done again. */
export const ATTEMPTS = 6;
/** Seconds. */
export const DAY = 86_400;
export const epoch = (at: Date): number => Math.floor(at.getTime() / 1000);

/** False: a condition did not hold. */
export async function tryWrite(table: Table, writes: readonly Write[]): Promise<boolean> {
  try {
    await table.write(writes);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

export function newItem(key: Key, data: JsonObject, expiresAt: number): Write {
  return { op: 'put', key, data, expiresAt, when: [{ is: 'absent' }] };
}

/** A record in place of the version it was read as; nothing when nothing new is learnt. */
export function newerRecord<R extends { readonly version: number }>(
  key: Key,
  { before, after }: { readonly before: R; readonly after: R },
  expiresAt: number | undefined,
): readonly Write[] | undefined {
  if (JSON.stringify(after) === JSON.stringify(before)) return undefined;
  const data = { ...after, version: before.version + 1 } as unknown as JsonObject;
  const expiry = expiresAt === undefined ? {} : { expiresAt };
  return [{ op: 'put', key, data, ...expiry, when: [{ is: 'equals', field: 'version', value: before.version }] }];
}
