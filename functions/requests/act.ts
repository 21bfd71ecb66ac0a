import type * as z from 'zod';
import { type Answer, type Call, reply } from '../contract/call.ts';
import { Conflict, NotFound } from '../domain/errors.ts';
import type { RequestId } from '../domain/ids.ts';
import { actorOf, type Principal, type TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { readIntents } from './intent-store.ts';
import { type Move, moveRequest } from './move.ts';
import type { NumberRequest } from './schema.ts';
import { getRequest } from './store.ts';
import { viewRequest } from './view.ts';
import type { NumberRequestView } from './view-schema.ts';

/** The part of a call that acting on a request needs. */
export interface ActCall {
  readonly params: { readonly id: RequestId };
  readonly who: Principal;
  readonly scope: TenantScope;
  readonly now: Date;
  checkVersion(version: number, present?: unknown): void;
  readonly idempotency: Pick<
    Call<z.ZodObject, z.ZodObject, z.ZodType, typeof NumberRequestView>['idempotency'],
    'complete' | 'key'
  >;
}
type Planned = Omit<Move, 'actor' | 'at'> & { readonly also?: readonly Write[] };

/** A customer sees own requests only; everything else looks missing (I7). */
export async function openRequest(
  deps: Pick<Deps, 'table'>,
  call: Pick<ActCall, 'params' | 'who' | 'scope'>,
): Promise<NumberRequest> {
  const request = await getRequest(deps.table, call.scope, call.params.id);
  const onlyOwn = call.who.roles.every((role) => role === 'customer');
  if (onlyOwn && request.requestedBy !== call.who.id)
    throw new NotFound({ code: 'not_found', detail: `There is no number request ${call.params.id}.` });
  return request;
}

/**
 * Does one act on a request: `plan` checks (own request, decided, state: in this order, api-map §13) and says what changes,
 * then If-Match, then one conditional transaction with the call's idempotency record. A writer in between: 409 `conflict`.
 */
export async function actOnRequest(
  deps: Deps,
  call: ActCall,
  plan: (request: NumberRequest) => Planned | Promise<Planned>,
  status?: number,
): Promise<Answer<typeof NumberRequestView>> {
  const before = await openRequest(deps, call);
  const { also, ...planned } = await plan(before);
  const intents = await readIntents(deps.table, call.scope, before.id);
  call.checkVersion(before.version, viewRequest(before, intents, call.who));
  const { request, writes } = await moveRequest(deps, before, { ...planned, actor: actorOf(call.who), at: call.now });
  const body = viewRequest(request, intents, call.who);
  const answer = reply({ body, etag: request.version, ...(status ? { status } : {}) });
  try {
    await deps.table.write([...writes, ...(also ?? []), ...call.idempotency.complete(answer)]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // A signal or timer may have moved the request in between; judged anew, the first decision stands (N3).
    return again(deps, call, plan, status, before);
  }
  return answer;
}

async function again(
  deps: Deps,
  call: ActCall,
  plan: (request: NumberRequest) => Planned | Promise<Planned>,
  status: number | undefined,
  before: NumberRequest,
): Promise<Answer<typeof NumberRequestView>> {
  const now = await openRequest(deps, call);
  if (now.version === before.version)
    throw new Conflict({ code: 'conflict', detail: 'Somebody changed this at the same moment; read it again.' });
  return actOnRequest(deps, call, plan, status);
}
