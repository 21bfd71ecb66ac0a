import { describe, expect, it } from 'vitest';
import { CallTimedOut, errorName, inTime } from '../../../functions/platform/aws/in-time.ts';

describe('a call within its time', () => {
  it('gives its answer, or throws what it throws', async () => {
    expect(await inTime(1_000, async () => 'answer')).toBe('answer');
    await expect(inTime(1_000, async () => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
  });
  it('is aborted when time is over', async () => {
    const aborted = Promise.withResolvers<unknown>();
    const call = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => aborted.resolve(signal.reason));
      return aborted.promise;
    };

    await expect(inTime(10, call)).rejects.toThrow(CallTimedOut);
    expect(await aborted.promise).toBeInstanceOf(CallTimedOut);
  });
  it('ends although the call does not listen, and what comes of it later troubles nobody', async () => {
    const deaf = Promise.withResolvers<never>();

    await expect(inTime(10, () => deaf.promise)).rejects.toThrow('no answer of AWS within 10 ms');
    deaf.reject(new Error('late'));
    await new Promise((done) => setImmediate(done));
  });
  it('tells errors by their names', () => {
    expect([errorName(new CallTimedOut('x')), errorName('thrown text')]).toEqual(['CallTimedOut', 'unknown']);
  });
});
