import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ApiDeps } from '../../functions/contract/api-deps.ts';
import { RequestId } from '../../functions/domain/ids.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import { TableUnavailable, type Write } from '../../functions/platform/table.ts';
import { untilSettled } from '../../functions/requests/wait-for.ts';
import { buyingLab } from './buying.ts';
import { ACME } from './room.ts';

const lab = buyingLab();
afterEach(() => {
  vi.useRealTimers();
});

describe('Prefer: wait', () => {
  it('reads once a second where callers wait in a room (performance §1)', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'accepted', after: 3600 });
    const made = await lab.room.order({});
    let reads = 0;
    const { table } = lab.room;
    const read: typeof table.get = (key) => {
      reads += 1;
      return table.get(key);
    };
    const counted = { ...table, get: read };
    const waiting = { longestSeconds: 20, pollMs: 1000, enter: async () => undefined };
    const deps = { table: counted, waiting } as unknown as ApiDeps;

    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    const held = untilSettled(deps, tenantScope(ACME), RequestId.parse(made.id), 20);
    await vi.advanceTimersByTimeAsync(20_000);
    vi.useRealTimers();

    expect((await held).state).toBe('resolving');
    expect(reads).toBeGreaterThanOrEqual(20);
    expect(reads).toBeLessThanOrEqual(21);
  });

  it('I5: a table that goes down while a caller is held does not make what was accepted look refused', async () => {
    let isDown = false;
    const onRead = ({ sk }: { readonly sk: string }) => {
      if (isDown && sk.startsWith('REQ#')) throw new TableUnavailable('down');
    };
    const onWrite = (writes: readonly Write[]) => {
      isDown ||= writes.some((one) => one.key.sk.startsWith('REQ#'));
    };
    await lab.open({ onRead, onWrite });
    const body = { country: 'GB', areaCode: '1223' };

    const answer = await lab.room.ask('customer', 'POST /v1/number-requests', { body, prefer: 'wait=1' });
    isDown = false;

    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/number-requests/${answer.json.id}`);
  });
});
