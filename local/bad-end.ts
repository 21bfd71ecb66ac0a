import { outboxWrite } from '../functions/platform/outbox.ts';
import type { Write } from '../functions/platform/table.ts';
import type { BadEnd } from './engine/workflows/engine.ts';

/** Tells the jobs of an execution that ended badly, as Step Functions does by an event (I4): the same rule follows on both engines. */
export function badEndWrites({ execution, status, startedAt, stoppedAt }: BadEnd): readonly Write[] {
  const seconds = (stoppedAt.getTime() - startedAt.getTime()) / 1000;
  return [outboxWrite({ kind: 'bad_end', execution, status: status.toUpperCase(), seconds }, stoppedAt)];
}
