/** Every try of something outside took too long. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}
export interface TimeLimit {
  readonly tryMs: number;
  readonly tries: number;
}

/**
 * Tries `work` at most so often, each try for at most so long; an earlier try that answers late still counts. Rejects
 * with the last error, or with TookTooLong.
 */
export function inTime<T>(work: () => Promise<T>, { tryMs, tries }: TimeLimit): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = tries;
    let running = 0;
    let timer: NodeJS.Timeout | undefined;
    const goOn = (failure: unknown): void => {
      clearTimeout(timer);
      if (left > 0) start();
      else reject(failure);
    };
    const start = (): void => {
      left--;
      running++;
      timer = setTimeout(() => goOn(new TookTooLong(`no answer in ${tryMs} ms`)), tryMs);
      work().then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        (error: unknown) => {
          running--;
          if (running === 0) goOn(error);
        },
      );
    };
    start();
  });
}
