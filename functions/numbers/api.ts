import type { Hono } from 'hono';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { NotFound } from '../domain/errors.ts';
import { readCalls, readMessages } from '../inbound/store.ts';
import { actorOf } from '../platform/auth.ts';
import { assign } from './assign.ts';
import { changeWrites } from './assignment-store.ts';
import { readAudit } from './audit-store.ts';
import { changeNumber, checkPresent, getNumber, type NumberCall, seesOnlyOwn } from './change.ts';
import type { NumberChange } from './change-schema.ts';
import { edited } from './edit.ts';
import { listNumbers, summarize } from './list.ts';
import { numberReader, readLimit } from './read.ts';
import {
  assignNumber,
  changeNumberRoute,
  getNumberRoute,
  getNumberSummary,
  listNumberAudit,
  listNumberCalls,
  listNumberMessages,
  listNumbersRoute,
  unassignNumber,
} from './routes.ts';
import type { NumberRecord } from './schema.ts';

const NOBODY = { routedTo: 'none', label: '', targetName: '' } as const;

/** Lists, shows, names and assigns numbers (api-map §6). */
export function bindNumbers(app: Hono, deps: ApiDeps): void {
  const shown = async (call: Pick<NumberCall, 'scope' | 'who' | 'now'>, record: NumberRecord) =>
    reply({ body: await (await numberReader(deps, call)).view(record), etag: record.version });

  bind(app, deps, listNumbersRoute, async (call) => {
    const [found, limit] = await Promise.all([listNumbers(deps, call), readLimit(deps, call.scope)]);
    return call.page({ ...found, meta: { limit } });
  });
  bind(app, deps, getNumberSummary, (call) => summarize(deps, call.scope));
  bind(app, deps, getNumberRoute, async (call) => shown(call, await openNumber(deps, call)));
  bind(app, deps, changeNumberRoute, async (call) => shown(call, await edit(deps, call, call.body)));
  bind(app, deps, assignNumber, async (call) => {
    const reader = await numberReader(deps, call);
    return shown(call, await assign(deps, call, call.body, reader.view));
  });
  bind(app, deps, unassignNumber, async (call) => {
    const reader = await numberReader(deps, call);
    await assign(deps, call, undefined, reader.view);
  });
  bindHistory(app, deps);
}

/** A customer's own number, an admin's or support's any of the tenant; everything else looks missing (I7). */
async function openNumber(
  deps: ApiDeps,
  call: Pick<NumberCall, 'params' | 'scope' | 'who' | 'now'>,
): Promise<NumberRecord> {
  const record = await getNumber(deps.table, call.scope, call.params.id);
  if (!seesOnlyOwn(call.who)) return record;
  const label = await (await numberReader(deps, call)).label(record.assignment.target);
  if (label?.userId === call.who.id) return record;
  throw new NotFound({ code: 'not_found', detail: `There is no number ${call.params.id}.` });
}

async function edit(deps: ApiDeps, call: NumberCall, change: NumberChange): Promise<NumberRecord> {
  const reader = await numberReader(deps, call);
  return changeNumber(deps, call, async (before) => {
    await checkPresent(call, before, reader.view);
    const after = edited(before, change, call.now);
    if (!after) return undefined;
    const label = (await reader.label(before.assignment.target)) ?? NOBODY;
    const action = after.name === before.name ? 'changed' : 'renamed';
    return changeWrites(call.scope, before, after, label, { action, actor: actorOf(call.who), at: call.now });
  });
}

/** What happened to a number: calls, messages, changes. */
function bindHistory(app: Hono, deps: ApiDeps): void {
  const { table } = deps;
  const wanted = (call: { readonly query: { readonly limit: number }; readonly after: string | undefined }) => ({
    limit: call.query.limit,
    ...(call.after === undefined ? {} : { after: call.after }),
  });
  bind(app, deps, listNumberCalls, async (call) => {
    const { id } = await getNumber(table, call.scope, call.params.id);
    const { items, next } = await readCalls(table, id, wanted(call));
    return call.page({ data: items.map((item) => ({ ...item, object: 'call' as const, outcome: item.state })), next });
  });
  bind(app, deps, listNumberMessages, async (call) => {
    const { id } = await getNumber(table, call.scope, call.params.id);
    const { items, next } = await readMessages(table, id, wanted(call));
    return call.page({ data: items.map((item) => ({ ...item, object: 'message' as const })), next });
  });
  bind(app, deps, listNumberAudit, async (call) => {
    const { id } = await getNumber(table, call.scope, call.params.id);
    return call.page(await readAudit(table, id, wanted(call)));
  });
}
