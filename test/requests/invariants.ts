import { expect } from 'vitest';
import { NumberRecord } from '../../functions/numbers/schema.ts';
import type { Stored } from '../../functions/platform/table.ts';
import { executionOf } from '../../functions/requests/go-on.ts';
import { InboxTask } from '../../functions/requests/inbox-schema.ts';
import { FINAL_STATES, NumberRequest } from '../../functions/requests/schema.ts';
import type { Room } from './room.ts';

const at = (items: readonly Stored[], pk: RegExp, sk: RegExp) =>
  items.filter((item) => pk.test(item.key.pk) && sk.test(item.key.sk));

/** I1, I2, I4, I8, I9, I12 and the claims, after everything has come to rest. */
export async function expectSound(room: Room): Promise<void> {
  await room.settle();
  const items = room.table.scan();
  const requests = at(items, /^TEN#/, /^REQ#/).map((item) => NumberRequest.parse(item.data));
  const numbers = at(items, /^NUM#/, /^NUMBER$/).map((item) => NumberRecord.parse(item.data));
  const tasks = at(items, /^TASK#/, /^TASK$/).map((item) => InboxTask.parse(item.data));
  const bought = room.all.flatMap((carrier) => carrier.bought());
  const inQuarantine = (number: string) =>
    numbers.some((record) => record.number === number && record.state === 'quarantined');
  for (const request of requests) {
    const own = bought.filter(({ reference, number }) => reference.startsWith(request.id) && !inQuarantine(number));
    expect(own.length, 'I1: at most the quantity is bought').toBeLessThanOrEqual(request.quantity);
    if (!FINAL_STATES.includes(request.state)) {
      const execution = await room.workflows.find('request-number', executionOf(request));
      expect(execution?.status, `I4: ${request.state} is under way`).toBe('running');
    }
  }
  const references = bought.map(({ reference }) => reference);
  expect(new Set(references).size, 'I1: one order a reference').toBe(references.length);
  for (const { number, reference } of bought) {
    const known = numbers.some((record) => record.number === number);
    const open = tasks.some((task) => task.state === 'open' && reference.startsWith(task.subject.id));
    const request = requests.find((one) => reference.startsWith(one.id));
    const underWay = request && !FINAL_STATES.includes(request.state);
    expect(known || open || underWay, `I2: ${number} is somebody's`).toBe(true);
  }
  for (const record of numbers.filter((one) => one.state === 'active'))
    expect(
      bought.map(({ number }) => number),
      'I3',
    ).toContain(record.number);
  expectCounters(items, requests, numbers);
  expectAudit(items);
  expectMessages(await room.mails(), items, requests);
  for (const claim of at(items, /^NUM#/, /^CLAIM$/)) {
    const request = requests.find((one) => one.id === claim.data['requestId']);
    expect(FINAL_STATES, `claim of ${claim.key.pk} is left`).not.toContain(request?.state);
  }
  expect(room.facts.most, 'items of one transaction').toBeLessThanOrEqual(12);
}

function expectCounters(
  items: readonly Stored[],
  requests: readonly NumberRequest[],
  numbers: readonly NumberRecord[],
) {
  for (const { key, data } of at(items, /^TEN#/, /^COUNTER#numbers$/)) {
    const tenant = key.pk.slice('TEN#'.length);
    const used = numbers.filter((record) => record.tenantId === tenant && record.state === 'active').length;
    const settled = (id: string) => numbers.filter((record) => record.numberRequestId === id).length;
    const held = requests
      .filter((request) => request.tenantId === tenant && !FINAL_STATES.includes(request.state))
      .reduce((sum, request) => sum + request.slots - settled(request.id), 0);
    expect(data, 'I8').toEqual({ used, held, taken: used + held });
  }
}

/** Entity at version n has audit entries 1…n. */
function expectAudit(items: readonly Stored[]) {
  const entries = new Map<string, number[]>();
  for (const { key } of at(items, /^AUD#/, /^\d+$/)) {
    const id = key.pk.slice('AUD#'.length);
    entries.set(id, [...(entries.get(id) ?? []), Number(key.sk)]);
  }
  for (const { key, data } of items) {
    const audited = /^(REQ|TKT)#/.test(key.sk) || key.sk === 'NUMBER' || key.sk === 'TENANT';
    if (!audited || !key.pk.match(/^(TEN|NUM)#/)) continue;
    const versions = Array.from({ length: Number(data['version']) }, (_, n) => n + 1);
    expect(entries.get(String(data['id'])), `I9: ${key.pk} ${key.sk}`).toEqual(versions);
  }
}

function expectMessages(
  mails: Awaited<ReturnType<Room['mails']>>,
  items: readonly Stored[],
  requests: readonly NumberRequest[],
) {
  const keys = mails.map((mail) => mail.messageKey);
  expect(new Set(keys).size, 'I12: one mail a key').toBe(keys.length);
  for (const { id } of requests) {
    const own = at(items, /^TEN#/, /^TKT#/).filter((item) => item.data['numberRequestId'] === id);
    expect(own.filter((item) => item.data['kind'] === 'number_request').length, 'I12: one ticket').toBe(1);
    for (const audience of ['customer_success', 'requester']) expect(keys).toContain(`${id}.opened.${audience}`);
  }
}
