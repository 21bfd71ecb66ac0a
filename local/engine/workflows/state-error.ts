/**
 * An error as a state machine knows it: a name that Retry and Catch match, and a cause in words.
 * Names beginning with `States.` are the language's own.
 */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly error: string;
  readonly reason: string;
  constructor(error: string, reason: string) {
    super(`${error}: ${reason}`);
    this.error = error.slice(0, 256);
    this.reason = reason.slice(0, 32_768);
  }
}

/** An expression that cannot be evaluated, gives nothing, or gives a value of the wrong type. */
export function queryError(reason: string): StateError {
  return new StateError('States.QueryEvaluationError', reason);
}

/** Errors that `States.ALL` and `States.TaskFailed` do not match: nothing sensible can follow them. */
const UNCATCHABLE_BY_WILDCARD = ['States.Runtime', 'States.DataLimitExceeded'];

/** Whether a list of error names (ErrorEquals) matches. A missed heartbeat is a kind of timeout. */
export function matches(errorEquals: readonly string[], error: string): boolean {
  return errorEquals.some((name) => {
    if (name === error) return true;
    if (name === 'States.Timeout') return error === 'States.HeartbeatTimeout';
    if (UNCATCHABLE_BY_WILDCARD.includes(error)) return false;
    return name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout');
  });
}
