import { TenantId } from '../../../functions/domain/ids.ts';
import { tenantScope } from '../../../functions/platform/auth.ts';
import type { StoredLine } from '../../../functions/platform/outbox.ts';
import type { Write } from '../../../functions/platform/table.ts';
import { readCounter } from '../../../functions/tenants/store.ts';
import { limitOf } from './tenants.ts';
import type { World } from './world.ts';

/** The outbox line that a write puts. */
export const lineOf = (write: Write): StoredLine | undefined =>
  write.op === 'put' && write.key.pk.startsWith('OUT#') ? (write.data as unknown as StoredLine) : undefined;

/** Message keys of the mails that a transaction wrote to the outbox. */
export const mailsOf = (writes: readonly Write[]): readonly string[] =>
  writes.flatMap((write) => {
    const line = lineOf(write)?.line;
    return line?.kind === 'mail' ? [line.mail.messageKey] : [];
  });

/** I8 and I9 must hold at every moment, not only in the end; what was written to the outbox is delivered. */
export function watchCommit(world: World, writes: readonly Write[]): void {
  for (const write of writes) {
    if (write.op === 'put' && write.key.pk.startsWith('AUD#') && !write.when?.some(({ is }) => is === 'absent'))
      world.wrong.push(`I9 an audit entry was written over: ${write.key.pk}`);
    if (write.op === 'delete' && write.key.pk.startsWith('AUD#'))
      world.wrong.push(`I9 an audit entry was removed: ${write.key.pk}`);
    if (write.key.sk === 'COUNTER#numbers') void checkLimit(world, write.key.pk.slice('TEN#'.length));
    const line = lineOf(write);
    if (line?.state === 'open' && line.lease === 0) world.engine.deliver(line.id);
  }
}

async function checkLimit(world: World, id: string): Promise<void> {
  const scope = tenantScope(TenantId.parse(id));
  const { taken, held, used } = await readCounter(world.table, scope);
  const limit = limitOf(id);
  if (taken > limit || held < 0 || used < 0) world.wrong.push(`I8 ${id} has ${used} used and ${held} held of ${limit}`);
}
