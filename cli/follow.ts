import { FINAL_STATES } from '../functions/requests/schema.ts';
import type { NumberRequestView } from '../functions/requests/view-schema.ts';
import { newsOf } from './timeline.ts';

export const isEnded = (request: NumberRequestView): boolean => FINAL_STATES.includes(request.state);
/** Ended, or a person has to act. */
export const isSettled = (request: NumberRequestView): boolean =>
  isEnded(request) || request.waitingFor === 'customer' || request.waitingFor === 'customer_success';

export interface Following {
  read(): Promise<NumberRequestView>;
  /** Told of each entry of the timeline that is new or moved on. */
  told(entry: NumberRequestView['timeline'][number], request: NumberRequestView): void;
  until(request: NumberRequestView): boolean;
  readonly everyMs: number;
  /** What was told already. */
  readonly from?: NumberRequestView['timeline'];
  readonly signal?: AbortSignal;
}

/** Reads a request again and again, telling what is new, until it is where it was to come to. */
export async function follow(following: Following): Promise<NumberRequestView> {
  const { read, told, until, everyMs, signal } = following;
  let known = following.from ?? [];
  for (;;) {
    const request = await read();
    for (const entry of newsOf(known, request.timeline)) told(entry, request);
    known = request.timeline;
    if (until(request) || signal?.aborted) return request;
    await new Promise((wake) => setTimeout(wake, everyMs));
  }
}
