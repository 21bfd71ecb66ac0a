import type { CarrierId } from '../domain/carrier-id.ts';
import type { E164 } from '../domain/e164.ts';
import type { JsonObject, Key, Table, Write } from '../platform/table.ts';
import type { ResolvedTarget, RouteEntry } from './schema.ts';

const routeKey = (number: E164, carrier: CarrierId): Key => ({ pk: `ROUTE#${number}`, sk: carrier });

/** The entry as it shall stand, for the transaction that changes the assignment (S2-17: the next call uses it). */
export function routeWrite(entry: RouteEntry): Write {
  return { op: 'put', key: routeKey(entry.number, entry.carrier), data: entry as unknown as JsonObject };
}

/** Takes the entry away, for the transaction that ends the number (I11: a released number routes to nobody). */
export function removeRouteWrite(number: E164, carrier: CarrierId): Write {
  return { op: 'delete', key: routeKey(number, carrier) };
}

/**
 * The entry of a called number at this carrier; undefined when there is none, which is also the answer for a number that
 * another carrier brings. One keyed read, checked by hand: inbound loads no zod. Throws on a damaged item.
 */
export async function readRoute(
  table: Table,
  number: E164,
  carrier: CarrierId,
  options: { readonly eventual?: boolean } = {},
): Promise<RouteEntry | undefined> {
  const stored = await table.get(routeKey(number, carrier), options);
  if (!stored) return undefined;
  if (!isEntry(stored.data)) throw new Error(`damaged routing entry ${stored.data['numberId'] ?? ''}`);
  return stored.data;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => typeof value === 'number';
const STATES: ReadonlySet<unknown> = new Set(['active', 'suspended', 'released', 'quarantined']);

/** Only the fields an answer is made of. */
function isEntry(data: unknown): data is RouteEntry {
  const entry = data as Readonly<Record<string, unknown>>;
  return (
    isText(entry['number']) &&
    isText(entry['tenantId']) &&
    isText(entry['numberId']) &&
    isText(entry['ownership']) &&
    isCount(entry['version']) &&
    STATES.has(entry['state']) &&
    isTarget(entry['fallback']) &&
    (entry['target'] === undefined || isTarget(entry['target'])) &&
    isList(entry['flow']) &&
    isList(entry['afterFallback'])
  );
}

type Fields = Readonly<Record<string, unknown>>;
const TARGETS: Readonly<Record<ResolvedTarget['type'], (target: Fields) => boolean>> = {
  extension: (target) => isText(target['sipUri']) && isCount(target['timeoutSeconds']),
  queue: (target) => isText(target['id']) && isCount(target['timeoutSeconds']),
  forward: (target) => isText(target['number']) && isCount(target['timeoutSeconds']),
  voicemail: (target) => isText(target['prompt']) && isCount(target['maxSeconds']),
  announce: (target) => isText(target['text']),
};

const isList = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.every(isTarget));

function isTarget(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const target = value as Fields;
  const check = Object.hasOwn(TARGETS, String(target['type'])) && TARGETS[target['type'] as ResolvedTarget['type']];
  return check ? check(target) : false;
}
