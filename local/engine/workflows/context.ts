import type { Json } from '../../../functions/platform/table.ts';
import { type Frame, parentOf } from './frame.ts';
import { timeFunctions } from './jsonata-functions.ts';
import type { Step } from './step.ts';
import type { Bindings } from './templates.ts';

/** What an expression sees beside the state's input. */
interface Extra {
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly token?: string;
}

/** The variables of an expression: the workflow's own, seen through all scopes, and `$states`. */
export function bindingsOf(step: Step, frame: Frame, extra: Extra = {}): Bindings {
  const around = [...framesAbove(step, frame), frame];
  const { token, ...seen } = extra;
  const context = contextOf(step, frame, around, token);
  return {
    ...timeFunctions({ now: () => new Date(step.now) }),
    ...Object.assign({}, ...around.map((each) => each.variables)),
    states: { input: frame.input, ...seen, context },
  };
}

/** From the root down. */
function framesAbove(step: Step, frame: Frame): Frame[] {
  const above = parentOf(frame.path);
  const parent = above === undefined ? undefined : step.frames.get(above);
  return parent ? [...framesAbove(step, parent), parent] : [];
}

function contextOf(step: Step, frame: Frame, around: readonly Frame[], token: string | undefined): object {
  const { machine, name, startedAt } = step.saved.head;
  const item = around.findLast((each) => each.item)?.item;
  return {
    Execution: {
      Id: `arn:aws:states:local:000000000000:execution:${machine}:${name}`,
      Name: name,
      Input: step.saved.input,
      StartTime: new Date(startedAt).toISOString(),
    },
    StateMachine: { Id: `arn:aws:states:local:000000000000:stateMachine:${machine}`, Name: machine },
    State: {
      Name: frame.state,
      EnteredTime: new Date(frame.enteredAt).toISOString(),
      RetryCount: Object.values(frame.retries).reduce((sum, count) => sum + count, 0),
    },
    ...(token === undefined ? {} : { Task: { Token: token } }),
    ...(item === undefined ? {} : { Map: { Item: { Index: item.index, Value: item.value } } }),
  };
}
