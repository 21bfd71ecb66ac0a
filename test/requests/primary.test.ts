import { afterEach, describe, expect, it } from 'vitest';
import { NumberRecord } from '../../functions/numbers/schema.ts';
import { openRoom, type Room } from './room.ts';
import { offerOf, scriptedCarrier } from './scripted-carrier.ts';

let room: Room | undefined;
afterEach(async () => {
  await room?.close();
  room = undefined;
});
const start = async (): Promise<Room> => {
  const offers = [1, 2, 3, 4, 5, 6].map((n) => offerOf('telnyx', n));
  room = await openRoom({ carriers: (clock) => [scriptedCarrier('telnyx', clock, offers)] });
  return room;
};
const EXTENSION = 'ext_00000000000000000000000001';
const assignment = (primary: boolean) => ({
  assignment: { ownership: 'private', target: { type: 'extension', id: EXTENSION }, primary },
});
const primaries = (of: Room) =>
  of.table
    .scan()
    .filter(({ key }) => key.sk === 'NUMBER')
    .map(({ data }) => NumberRecord.parse(data))
    .filter((record) => record.assignment.primary)
    .map((record) => record.number);

describe('numbers bought as primary', () => {
  it('S2-20: a further one takes it from the one before, in the transaction that records it', async () => {
    const own = await start();
    const [first] = (await own.order(assignment(true))).numbers;
    expect(primaries(own)).toEqual([first?.number]);

    const [second] = (await own.order(assignment(true))).numbers;

    expect(primaries(own)).toEqual([second?.number]);
    const audit = own.table.scan().filter(({ data }) => data['action'] === 'primary_moved');
    expect(audit).toHaveLength(1);
    // Two more than others: the choice of the user, and the former number with row and audit entry.
    expect(own.facts.most).toBeLessThanOrEqual(14);
  });

  it('S2-20: one that is not primary leaves it where it is', async () => {
    const own = await start();
    const [first] = (await own.order(assignment(true))).numbers;

    await own.order(assignment(false));

    expect(primaries(own)).toEqual([first?.number]);
  });

  it('S2-20: of several bought at once one is primary', async () => {
    const own = await start();

    const made = await own.order({ ...assignment(true), quantity: 5 });

    expect(made.state).toBe('completed');
    expect(primaries(own)).toHaveLength(1);
  });
});
