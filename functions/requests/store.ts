import { NotFound } from '../domain/errors.ts';
import { newId, type RequestId, type TenantId } from '../domain/ids.ts';
import { type TenantScope, tenantScope } from '../platform/auth.ts';
import { entity } from '../platform/entity.ts';
import { duePartition } from '../platform/outbox.ts';
import {
  ConditionFailed,
  type IndexKeys,
  type IndexName,
  type Key,
  type Page,
  type Query,
  type Table,
  type Write,
} from '../platform/table.ts';
import { NumberRequest } from './schema.ts';

const requestKey = (tenantId: TenantId, id: RequestId): Key => ({ pk: `TEN#${tenantId}`, sk: `REQ#${id}` });

function indexesOf(request: NumberRequest): IndexKeys {
  const pk = `TEN#${request.tenantId}#REQ`;
  return {
    list2: { pk, sk: `${request.createdAt}#${request.id}` },
    list3: { pk: `${pk}#updatedAt`, sk: `${request.updatedAt}#${request.id}` },
    sort1: { pk: `${pk}#dueAt`, sk: `${request.dueAt ?? '9999'}#${request.id}` },
    ...(request.nextTimerAt
      ? {
          list1: {
            pk: duePartition('request', request.id),
            sk: `${request.nextTimerAt}#${request.tenantId}#${request.id}`,
          },
        }
      : {}),
  };
}

export const requests = entity({
  name: 'number_request',
  schema: NumberRequest,
  key: (request) => requestKey(request.tenantId, request.id),
  indexes: indexesOf,
  auditId: (request) => request.id,
});

const ORDERS: Readonly<Record<string, readonly [IndexName, string]>> = {
  createdAt: ['list2', ''],
  updatedAt: ['list3', '#updatedAt'],
  dueAt: ['sort1', '#dueAt'],
};

/** One bounded page of a tenant's requests in one of the orders of the list. */
export function queryRequests(table: Table, scope: TenantScope, order: string, page: Omit<Query, 'pk'>): Promise<Page> {
  const [index, suffix] = ORDERS[order] ?? ['list2', ''];
  return table.queryIndex(index, { ...page, pk: `TEN#${scope.tenantId}#REQ${suffix}` });
}

export const findRequest = (table: Table, scope: TenantScope, id: RequestId): Promise<NumberRequest | undefined> =>
  requests.find(table, requestKey(scope.tenantId, id));

/** Throws NotFound, the same for missing and for another tenant's. */
export async function getRequest(table: Table, scope: TenantScope, id: RequestId): Promise<NumberRequest> {
  const request = await findRequest(table, scope, id);
  if (!request) throw new NotFound({ code: 'not_found', detail: `There is no number request ${id}.` });
  return request;
}

/**
 * Goes with a write for a request as it was read: nothing is held for one that has moved on, ended, or given its slots back
 * meanwhile (P4, P16, I8).
 */
export const stillStands = (request: NumberRequest): Write => ({
  op: 'check',
  key: requestKey(request.tenantId, request.id),
  when: [
    { is: 'equals', field: 'state', value: request.state },
    { is: 'equals', field: 'slots', value: request.slots },
  ],
});

/** Finds a request's tenant by its id alone, for what arrives from carriers. */
export const whereWrite = (request: NumberRequest): Write => ({
  op: 'put',
  key: { pk: `REQ#${request.id}`, sk: 'WHERE' },
  data: { tenantId: request.tenantId },
  when: [{ is: 'absent' }],
});
export async function findScopeOf(table: Table, id: string): Promise<TenantScope | undefined> {
  const stored = await table.get({ pk: `REQ#${id}`, sk: 'WHERE' });
  return stored && tenantScope(stored.data['tenantId'] as TenantId);
}

/** The place of an execution's present wait; read when a signal is delivered, not when it is written. */
const waitKey = (id: string): Key => ({ pk: `WAIT#${id}`, sk: 'TOKEN' });
export const waitWrite = (id: string, token: string, state: string): Write => ({
  op: 'put',
  key: waitKey(id),
  data: { token, state },
});
export async function findWait(table: Table, id: string): Promise<{ token: string; state: string } | undefined> {
  const stored = await table.get(waitKey(id));
  return stored && { token: String(stored.data['token']), state: String(stored.data['state']) };
}

/** A signal that met no wait: kept for the next one, so that what it told of is looked at then (P12). */
const missedKey = (id: string): Key => ({ pk: `WAIT#${id}`, sk: 'MISSED' });
const MISSED_SECONDS = 86_400;
export const missedWrite = (id: string, at: Date): Write => ({
  op: 'put',
  key: missedKey(id),
  data: { mark: newId('evt', at) },
  expiresAt: Math.floor(at.getTime() / 1000) + MISSED_SECONDS,
});
/** True once for what was missed so far. */
export async function takeMissed(table: Table, id: string): Promise<boolean> {
  const stored = await table.get(missedKey(id));
  if (!stored) return false;
  const same = [{ is: 'equals', field: 'mark', value: String(stored.data['mark']) }] as const;
  try {
    await table.write([{ op: 'delete', key: missedKey(id), when: same }]);
  } catch (error) {
    // Another one was missed meanwhile: it stays for the wait after this.
    if (!(error instanceof ConditionFailed)) throw error;
  }
  return true;
}

/** Finds a request by a carrier's own id (bundle, requirement group, order). */
const carrierRefKey = (carrier: string, id: string): Key => ({ pk: `CREF#${carrier}#${id}`, sk: 'REQUEST' });
export const carrierRefWrite = (
  carrier: string,
  id: string,
  request: { tenantId: TenantId; id: RequestId },
): Write => ({
  op: 'put',
  key: carrierRefKey(carrier, id),
  data: { tenantId: request.tenantId, requestId: request.id },
});
export async function findByCarrierRef(
  table: Table,
  carrier: string,
  id: string,
): Promise<{ tenantId: string; requestId: string } | undefined> {
  const stored = await table.get(carrierRefKey(carrier, id));
  return stored && { tenantId: String(stored.data['tenantId']), requestId: String(stored.data['requestId']) };
}
