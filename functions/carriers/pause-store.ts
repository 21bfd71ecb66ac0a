import type { CarrierId } from '../domain/carrier-id.ts';
import type { Table, Write } from '../platform/table.ts';

/** Minutes a carrier is passed over after it refused for credit or credentials (P8). */
const PAUSE_MINUTES = 30;

/** A carrier that cannot be ordered from just now; expires by itself. */
export const pauseWrite = (carrier: CarrierId, code: string, at: Date): Write => ({
  op: 'put',
  key: { pk: `CARRIER#${carrier}`, sk: 'PAUSE' },
  data: { carrier, code, since: at.toISOString() },
  expiresAt: Math.floor(at.getTime() / 1000) + PAUSE_MINUTES * 60,
});

/** The carriers of `ids` that are not paused. */
export async function unpaused(table: Table, ids: readonly CarrierId[]): Promise<readonly CarrierId[]> {
  const paused = await Promise.all(ids.map((id) => table.get({ pk: `CARRIER#${id}`, sk: 'PAUSE' })));
  return ids.filter((_, index) => paused[index] === undefined);
}
