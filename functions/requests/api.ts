import type { Hono } from 'hono';
import type * as z from 'zod';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { type Answer, type Call, reply } from '../contract/call.ts';
import { Conflict } from '../domain/errors.ts';
import { actorOf, type Principal } from '../platform/auth.ts';
import { ConditionFailed, TableUnavailable, type Write } from '../platform/table.ts';
import { actOnRequest, openRequest } from './act.ts';
import { planChange } from './change.ts';
import { readIntents } from './intent-store.ts';
import { listRequests } from './list.ts';
import { openRequestWrites } from './opening.ts';
import { prepareRequest, requireTarget } from './prepare.ts';
import { usedDocumentWrites } from './references.ts';
import {
  cancelNumberRequest,
  changeNumberRequest,
  createNumberRequest,
  getNumberRequest,
  listNumberRequests,
} from './routes.ts';
import type { NewRequest } from './schema.ts';
import { isCancellable, viewRequest } from './view.ts';
import type { NumberRequestView } from './view-schema.ts';
import { untilSettled } from './wait-for.ts';

type CreateCall = Pick<
  Call<z.ZodObject, z.ZodObject, typeof NewRequest, typeof NumberRequestView, 'tenant'>,
  'scope' | 'now' | 'dryRun' | 'waitSeconds' | 'idempotency'
> & { readonly body: NewRequest; readonly who: Principal };

async function create(deps: ApiDeps, call: CreateCall): Promise<Answer<typeof NumberRequestView>> {
  const { scope, who, now } = call;
  const plain = await prepareRequest(deps, scope, who, call.body, now);
  if (call.dryRun) return reply({ status: 200, body: viewRequest({ ...plain, version: 1 }, [], who) });
  const { record, writes } = openRequestWrites(deps, plain, who, now);
  const location = `/v1/number-requests/${record.id}`;
  const answer = reply({ body: viewRequest(record, [], who), etag: record.version, location });
  const used = await usedDocumentWrites(deps, scope, record, { action: 'handed_in', actor: actorOf(who), at: now });
  await writeOrConflict(deps, [...writes, ...used, ...call.idempotency.complete(answer)]);
  if (call.waitSeconds === undefined) return answer;
  try {
    const settled = await untilSettled(deps, scope, record.id, call.waitSeconds);
    const intents = await readIntents(deps.table, scope, settled.id);
    return reply({ body: viewRequest(settled, intents, who), etag: settled.version, location });
  } catch (error) {
    // It is accepted, whatever becomes of the wait (I5).
    if (error instanceof TableUnavailable) return answer;
    throw error;
  }
}

/** Somebody changed a paper it is filed with at the same moment. */
async function writeOrConflict(deps: ApiDeps, writes: readonly Write[]): Promise<void> {
  try {
    await deps.table.write(writes);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw new Conflict({
      code: 'conflict',
      detail: 'Something it is filed with changed at the same moment; repeat it.',
    });
  }
}

/** Accepts, lists, shows, changes and cancels number requests. */
export function bindRequests(app: Hono, deps: ApiDeps): void {
  bind(app, deps, createNumberRequest, (call) => create(deps, call));
  bind(app, deps, listNumberRequests, async (call) => call.page(await listRequests(deps, call)));
  bind(app, deps, getNumberRequest, async (call) => {
    const request = await openRequest(deps, call);
    const intents = await readIntents(deps.table, call.scope, request.id);
    return reply({ body: viewRequest(request, intents, call.who), etag: request.version });
  });
  bind(app, deps, changeNumberRequest, async (call) => {
    await requireTarget(deps, call.scope, call.body.assignment ?? undefined);
    return actOnRequest(deps, call, (request) => planChange(request, call.body));
  });
  bind(app, deps, cancelNumberRequest, (call) =>
    actOnRequest(deps, call, (request) => {
      if (!isCancellable(request))
        throw new Conflict({ code: 'too_late', detail: `The request is ${request.state}; an order may have left.` });
      const { reason } = call.body;
      const failure = reason ? { failure: { code: 'cancelled', detail: reason } } : {};
      return {
        action: 'cancelled',
        fields: { state: 'cancelled', waitingFor: 'nobody', ...failure },
        signal: true,
      };
    }),
  );
}
