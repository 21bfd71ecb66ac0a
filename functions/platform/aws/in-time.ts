/**
 * One call of an AWS client, its repeats and the reading of its answer included, within `ms`; then it is aborted and rejects.
 * The client's own limit ends with the answer's head: an answer that never ends would hold the function until it is killed.
 */
export async function inTime<T>(ms: number, call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new CallTimedOut(`no answer of AWS within ${ms} ms`);
    late.reject(error);
    abort.abort(error);
  }, ms);
  try {
    return await Promise.race([call(abort.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The call took too long; whether it was executed is unknown. */
export class CallTimedOut extends Error {
  override readonly name = 'CallTimedOut';
}

/** What the service calls its error (`ExecutionAlreadyExists`); of anything else its class. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
