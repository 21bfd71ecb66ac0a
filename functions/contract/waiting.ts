import type { WaitingRoom } from '../platform/waiting-room.ts';

/** A wait as it is granted. */
export interface Wait {
  /** Undefined: the answer comes at once. */
  readonly seconds: number | undefined;
  leave(): Promise<void>;
}

const AT_ONCE: Wait = { seconds: undefined, leave: async () => undefined };

/** What is granted of the wait a caller prefers, told in the answer's headers: all of it on one machine, which has no room. */
export async function enterWait(
  room: WaitingRoom | undefined,
  headers: Record<string, string>,
  wanted: number | undefined,
): Promise<Wait> {
  if (wanted === undefined) return AT_ONCE;
  const seconds = Math.min(wanted, room?.longestSeconds ?? wanted);
  const leave = room ? await room.enter(seconds) : AT_ONCE.leave;
  if (!leave) return AT_ONCE;
  headers['Preference-Applied'] = `wait=${seconds}`;
  return { seconds, leave };
}
