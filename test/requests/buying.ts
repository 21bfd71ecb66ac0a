import { afterEach } from 'vitest';
import type { Refusal } from '../../functions/carriers/outcome.ts';
import { expectSound } from './invariants.ts';
import { openRoom, type Room, type RoomOptions } from './room.ts';
import { type Deed, numberOf, offerOf, type ScriptedCarrier, scriptedCarrier, usd } from './scripted-carrier.ts';

export const NUMBERS = [1, 2, 3, 4, 5, 6];
export const gone: Refusal = { class: 'NumberUnavailable', code: 'not_available' };
export const unknown: Deed = { kind: 'unknown' };

export const named = (n: number, monthly = '1.00') => ({
  areaCode: undefined,
  numbers: [{ number: numberOf(n), monthly: usd(monthly) }],
});

interface OpenOptions extends Partial<RoomOptions> {
  readonly carriersOf?: readonly ('telnyx' | 'twilio')[];
}
interface ShownTask {
  readonly id: string;
  readonly detail: string;
  readonly dueAt: string;
}

/** A fresh room for each test, with six numbers at each scripted carrier; when a test is over its invariants are checked. */
export function buyingLab() {
  let room: Room | undefined;
  afterEach(async () => {
    if (!room) return;
    await expectSound(room);
    await room.close();
    room = undefined;
  });
  const current = (): Room => {
    if (!room) throw new Error('open a room first');
    return room;
  };
  const openTasks = async (kind: string): Promise<ShownTask[]> =>
    (await current().ask('cs', `GET /v1/tasks?kind=${kind}`, { tenant: false })).json.data;
  return {
    get room(): Room {
      return current();
    },
    openTasks,
    /** Opens the room; gives back the first carrier. */
    async open(options: OpenOptions = {}): Promise<ScriptedCarrier> {
      const { carriersOf = ['telnyx'], ...more } = options;
      const price = (at: number) => (at === 0 ? '1.00' : '2.00');
      room = await openRoom({
        carriers: (clock) =>
          carriersOf.map((id, at) =>
            scriptedCarrier(
              id,
              clock,
              NUMBERS.map((n) => offerOf(id, n + 20 * at, price(at))),
            ),
          ),
        ...more,
      });
      return room.carrier('telnyx');
    },
    /** A person's word on the unclear order (or another task), and what follows from it at once. */
    async resolve(body: object, id?: string) {
      const [task] = await openTasks('unclear_order');
      const answer = await current().ask('cs', `POST /v1/tasks/${id ?? task?.id}/resolution`, { body, tenant: false });
      await current().settle();
      return answer;
    },
  };
}
