import type { Table } from '../../../functions/platform/table.ts';
import type { Execution, HistoryEvent } from '../../../functions/platform/workflows.ts';
import { type ExecutionId, loadHead, loadHistory, loadInput, loadOutput } from './store.ts';

export async function findExecution(table: Table, id: ExecutionId): Promise<Execution | undefined> {
  const head = await loadHead(table, id);
  if (!head) return undefined;
  const { machine, name, status, error, cause, stoppedAt } = head;
  return {
    machine,
    name,
    status,
    input: await loadInput(table, id),
    ...(status === 'succeeded' ? { output: await loadOutput(table, id) } : {}),
    ...(error === undefined ? {} : { error: { error, cause: cause ?? '' } }),
    startedAt: new Date(head.startedAt).toISOString(),
    ...(stoppedAt === undefined ? {} : { stoppedAt: new Date(stoppedAt).toISOString() }),
  };
}

export async function historyOf(table: Table, id: ExecutionId): Promise<readonly HistoryEvent[]> {
  const head = await loadHead(table, id);
  return head ? loadHistory(table, head) : [];
}
