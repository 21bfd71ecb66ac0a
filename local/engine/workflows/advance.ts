import { visit } from './enter.ts';
import { MAX_EVENTS } from './limits.ts';
import { endExecution, eventCount, type Step } from './step.ts';

/** Frames and moves one write may hold, so that a transaction stays small however wide the Map. */
const FRAMES_A_STEP = 8;
const MOVES_A_STEP = 100;

/** Moves every frame until all wait for something, or the step is full: then `queue` is not empty. */
export async function advance(step: Step): Promise<void> {
  for (let moves = 0; moves < MOVES_A_STEP && step.changed.size < FRAMES_A_STEP && !step.ending; moves++) {
    if (eventCount(step) >= MAX_EVENTS) {
      const cause = `The execution reached the maximum number of history events (${MAX_EVENTS})`;
      return endExecution(step, { status: 'failed', error: 'States.Runtime', cause });
    }
    const path = step.queue.shift();
    if (path === undefined) return;
    const frame = step.frames.get(path);
    if (frame) await visit(step, frame);
  }
}
