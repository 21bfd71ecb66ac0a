import { describe, expect, it } from 'vitest';
import { TableUnavailable } from '../../functions/platform/table.ts';
import { sharedWaitingRoom } from '../../functions/platform/waiting-room.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';

function lab(places: number) {
  const clock = testClock();
  const table = openTable({ path: ':memory:', clock });
  const logged: string[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (event: string) => void logged.push(event) };
  /** Each is a process of its own. */
  const room = (on: Pick<typeof table, 'write'> = table) =>
    sharedWaitingRoom({ table: { ...table, write: (writes) => on.write(writes) }, clock, log, places });
  return { clock, table, logged, room };
}

describe('a waiting room that processes share (performance §1)', () => {
  it('holds no more callers than it has places, and has a place again when one has left', async () => {
    const { room } = lab(2);
    const [one, two, three] = [room(), room(), room()];
    const leave = [await one.enter(20), await two.enter(20)];
    expect(leave.every(Boolean)).toBe(true);
    expect(await three.enter(20)).toBeUndefined();

    await leave[1]?.();

    expect(await three.enter(20)).toBeDefined();
    expect(await one.enter(20)).toBeUndefined();
  });

  it('of many at once lets in as many as there are places, at most', async () => {
    const { room } = lab(3);
    const entered = await Promise.all(Array.from({ length: 20 }, () => room().enter(20)));

    expect(entered.filter(Boolean)).toHaveLength(3);
  });

  it('P5: a place whose process has died is free again after its time', async () => {
    const { room, clock } = lab(1);
    await room().enter(20);
    clock.advance(29);
    expect(await room().enter(20)).toBeUndefined();
    clock.advance(1);
    expect(await room().enter(20)).toBeDefined();
  });

  it('who leaves late leaves the one who came after in place', async () => {
    const { room, clock, logged } = lab(1);
    const late = await room().enter(20);
    clock.advance(31);
    await room().enter(20);

    await late?.();

    expect(await room().enter(20)).toBeUndefined();
    expect(logged).toEqual(['waiting_place_kept']);
  });

  it('V1: holds nobody while the table is down, and nobody up', async () => {
    const { room, logged } = lab(5);
    const down = { write: () => Promise.reject(new TableUnavailable('down')) };

    expect(await room(down).enter(20)).toBeUndefined();
    expect(logged).toEqual(['waiting_room_unreachable']);
  });

  it('has no place where none is set', async () => {
    expect(await lab(0).room().enter(20)).toBeUndefined();
  });
});
