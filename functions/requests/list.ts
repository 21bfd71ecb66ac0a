import type { Principal, TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Position } from '../platform/table.ts';
import { readIntents } from './intent-store.ts';
import type { NumberRequest } from './schema.ts';
import { queryRequests, requests } from './store.ts';
import { viewRequest } from './view.ts';
import type { NumberRequestView } from './view-schema.ts';

interface ListCall {
  readonly scope: TenantScope;
  readonly who: Principal;
  readonly after: Position | undefined;
  readonly query: {
    readonly limit: number;
    readonly state?: readonly string[] | undefined;
    readonly country?: readonly string[] | undefined;
    readonly class?: readonly string[] | undefined;
    readonly waitingFor?: readonly string[] | undefined;
    readonly reference?: string | undefined;
    readonly createdAfter?: string | undefined;
    readonly sort?: string | undefined;
  };
}
/** One bounded page; with filters it may be short or empty while more follows (DESIGN §6). */
export async function listRequests(
  deps: Pick<Deps, 'table'>,
  call: ListCall,
): Promise<{ data: NumberRequestView[]; next?: Position }> {
  const sort = call.query.sort ?? '-createdAt';
  const page = await queryRequests(deps.table, call.scope, sort.replace('-', ''), {
    descending: sort.startsWith('-'),
    limit: call.query.limit,
    ...(call.after ? { after: call.after } : {}),
  });
  const found = page.items.map((item) => requests.parse(item)).filter((request) => matches(request, call));
  const data = await Promise.all(
    found.map(async (request) => viewRequest(request, await readIntents(deps.table, call.scope, request.id), call.who)),
  );
  return { data, ...(page.next ? { next: page.next } : {}) };
}

function matches(request: NumberRequest, call: ListCall): boolean {
  const { query, who } = call;
  const any = (allowed: readonly string[] | undefined, value: string): boolean =>
    allowed === undefined || allowed.includes(value);
  const mine = !who.roles.every((role) => role === 'customer') || request.requestedBy === who.id;
  return (
    mine &&
    any(query.state, request.state) &&
    any(query.country, request.country) &&
    any(query.class, request.class) &&
    any(query.waitingFor, request.waitingFor) &&
    (query.reference === undefined || request.reference === query.reference) &&
    (query.createdAfter === undefined || request.createdAt > query.createdAfter)
  );
}
