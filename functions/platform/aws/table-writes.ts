import { ConditionFailed, InvalidWrite, TableUnavailable, type Write } from '../table.ts';
import { holds } from '../table-conditions.ts';
import { CallRefused, type TableCall, type WireObject } from './table-call.ts';
import { expiryOf, type Item, itemIn } from './table-item.ts';
import { deleteRequest, putRequest, type Setting, transactItem } from './table-requests.ts';
import { MARK } from './table-shape.ts';

interface WriteOptions extends Setting {
  readonly call: TableCall;
  /** A fresh random text of at most 36 characters. */
  readonly newToken: () => string;
}
/** A write whose condition did not hold, and the item as it stood if the service gave it back. */
interface Failure {
  readonly position: number;
  readonly item: Item | undefined;
}
type End = 'written' | 'conflict' | readonly Failure[];

/** Repeats while another writer holds an item; with full jitter some two seconds in all. */
const CONFLICT_TRIES = 14;
const LONGEST_PAUSE_MS = 500;
/** How often a counter may expire or be made anew by somebody else under our hands. */
const ROUNDS = 5;
const MARK_LENGTH = 13;

/**
 * All writes or none. A single put or delete goes as a plain request at half the price of a transaction, as far as
 * a repeat after a lost answer can be told from a failed condition; all else is a transaction, whose token tells.
 */
export async function writeAll(writes: readonly Write[], options: WriteOptions): Promise<void> {
  let current = writes;
  for (let round = 0; round < ROUNDS; round++) {
    const end = await inPeace(sender(current, options));
    if (end === 'written') return;
    const expired = new Set(end.filter((one) => isExpiredCounter(current[one.position], one.item, options)));
    // A counter that was made anew by somebody else meanwhile is added to like any other.
    const failed = end.filter((one) => !expired.has(one) && current[one.position] === writes[one.position]);
    if (failed.length > 0) throw new ConditionFailed(failed.map(({ position }) => position));
    const anew = new Set([...expired].map(({ position }) => position));
    current = writes.map((write, at) => (anew.has(at) ? begunAnew(write) : write));
  }
  throw new TableUnavailable(`a counter changed under every one of ${ROUNDS} tries`);
}

function sender(writes: readonly Write[], options: WriteOptions): () => Promise<End> {
  const [only] = writes;
  if (writes.length === 1 && only?.op === 'put') return putAlone(only, options);
  if (writes.length === 1 && only?.op === 'delete' && !only.when?.length) {
    const request = deleteRequest(only, options);
    return () => ended(options.call('DeleteItem', request), failureAlone);
  }
  const request = {
    TransactItems: writes.map((write) => transactItem(write, options)),
    ClientRequestToken: options.newToken(),
  };
  return () => ended(options.call('TransactWriteItems', request), cancelled);
}

/** A condition that failed on an item with our own mark did not fail: the first try was written, its answer lost. */
function putAlone(write: Extract<Write, { op: 'put' }>, options: WriteOptions): () => Promise<End> {
  const isConditional = Boolean(write.when?.length);
  const mark = isConditional ? options.newToken().slice(0, MARK_LENGTH) : undefined;
  const request = {
    ...putRequest({ ...options, write, ...(mark === undefined ? {} : { mark }) }),
    ...(isConditional ? { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } : {}),
  };
  return () =>
    ended(options.call('PutItem', request), (refused) => {
      const end = failureAlone(refused);
      const isOurs = Array.isArray(end) && mark !== undefined && markOf(end[0]?.item) === mark;
      return isOurs ? 'written' : end;
    });
}

async function ended(call: Promise<WireObject>, refusal: (refused: CallRefused) => End | undefined): Promise<End> {
  try {
    await call;
    return 'written';
  } catch (cause) {
    const end = cause instanceof CallRefused ? refusal(cause) : undefined;
    if (end === undefined) throw cause;
    return end;
  }
}

function failureAlone({ code, members }: CallRefused): End | undefined {
  if (code === 'TransactionConflictException') return 'conflict';
  return code === 'ConditionalCheckFailedException' ? [{ position: 0, item: itemIn(members, 'Item') }] : undefined;
}

/** Reasons stand in the order of the writes. While one of them is a conflict, nothing is known of the other conditions. */
function cancelled(refused: CallRefused): End | undefined {
  if (refused.code === 'TransactionInProgressException') return 'conflict';
  if (refused.code !== 'TransactionCanceledException') return undefined;
  const reasons = (refused.members['CancellationReasons'] ?? []) as readonly WireObject[];
  const invalid = reasons.find((reason) => reason['Code'] === 'ValidationError');
  if (invalid) throw new InvalidWrite(String(invalid['Message'] ?? refused.message), { cause: refused });
  if (reasons.some((reason) => PASSING.has(String(reason['Code'])))) return 'conflict';
  const failures = reasons.flatMap((reason, position) =>
    reason['Code'] === 'ConditionalCheckFailed' ? [{ position, item: itemIn(reason, 'Item') }] : [],
  );
  return failures.length > 0 ? failures : undefined;
}
const PASSING: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/** Repeats with full jitter while other writers are at the same items (X2): the service's client does not. */
async function inPeace(send: () => Promise<End>): Promise<Exclude<End, 'conflict'>> {
  for (let tried = 1; ; tried++) {
    const end = await send();
    if (end !== 'conflict') return end;
    if (tried === CONFLICT_TRIES) throw new TableUnavailable('other writers kept the items busy');
    const most = Math.min(LONGEST_PAUSE_MS, 10 * 2 ** tried);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
  }
}

function isExpiredCounter(write: Write | undefined, item: Item | undefined, { now }: Setting): boolean {
  if (write?.op !== 'add' || !item) return false;
  const isExpired = (expiryOf(item) ?? Number.POSITIVE_INFINITY) <= now;
  return isExpired && (write.when ?? []).every((condition) => holds(condition, undefined));
}

function begunAnew(write: Write): Write {
  return write.op === 'add' ? { op: 'put', key: write.key, data: write.add, when: [{ is: 'absent' }] } : write;
}

function markOf(item: Item | undefined): string | undefined {
  const mark = item?.[MARK];
  return mark && 'S' in mark ? mark.S : undefined;
}
