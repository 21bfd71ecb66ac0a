import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { deliverLine } from '../../functions/jobs/deliver.ts';
import type { StoredLine } from '../../functions/platform/outbox.ts';
import { composeRooms } from '../../local/compose-rooms.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import { readSettings } from '../../local/settings.ts';
import { lab, machine, silentLog } from './workflows-lab.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('an execution that ends badly on one machine', () => {
  it('I4: leaves a line for the jobs, written with its end', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'numbergate-bad-end-'));
    folders.push(dataDir);
    const clock = testClock();
    const written: StoredLine[] = [];
    const table = openTable({
      path: ':memory:',
      clock,
      onWrite: (writes) => {
        for (const write of writes)
          if (write.op === 'put' && write.key.pk.startsWith('OUT#')) written.push(write.data as unknown as StoredLine);
      },
    });
    const rooms = composeRooms({
      settings: readSettings({ DATA_DIR: dataDir }),
      ...{ env: {}, table, clock, log: silentLog, publicUrl: 'http://127.0.0.1:1', simulatorsUrl: undefined },
      secrets: { read: async () => ['secret'], find: async () => ['secret'] },
    });
    const name = 'req_01jzzzzzzzzzzzzzzzzzzzzzzz';
    // There is no such request: neither its first state nor the call for help can run.
    const input = { tenantId: 'ten_00000000000000000000000001', requestId: name, class: 'special' };
    await rooms.workflows.start('request-number', name, input);
    await rooms.workflows.idle();

    expect(await rooms.workflows.find('request-number', name)).toMatchObject({ status: 'failed' });
    expect(written.map(({ line }) => line)).toEqual([
      { kind: 'bad_end', execution: name, status: 'FAILED', seconds: 0 },
    ]);
    expect(await deliverLine(rooms.jobs, written[0]?.id ?? '')).toBe(true);
    expect(written.at(-1)).toMatchObject({ state: 'delivered' });
    await rooms.workflows.close();
    table.close();
  });
  it.each([
    ['failed', { A: { Type: 'Fail', Error: 'Broken' } }, {}, 0],
    ['timed_out', { A: { Type: 'Wait', Seconds: 100, End: true } }, { TimeoutSeconds: 10 }, 10],
    ['aborted', { A: { Type: 'Wait', Seconds: 100, End: true } }, {}, 5],
    ['succeeded', { A: { Type: 'Succeed' } }, {}, 0],
  ] as const)('that has %s is told with its status and times, a good one is not', async (status, states, more, ran) => {
    const told: object[] = [];
    const at = lab(
      { m: machine(states, more) },
      {},
      {
        withBadEnd: (end: object) => {
          told.push(end);
          return [];
        },
      },
    );
    const startedAt = at.clock.now();
    await at.workflows.start('m', 'e', {});
    await at.pass(ran);
    if (status === 'aborted') await at.workflows.stop('m', 'e', 'by hand');

    const stoppedAt = new Date(startedAt.getTime() + ran * 1000);
    const expected = { machine: 'm', execution: 'e', status, startedAt, stoppedAt };
    expect(told).toEqual(status === 'succeeded' ? [] : [expected]);
    await at.workflows.close();
  });
});
