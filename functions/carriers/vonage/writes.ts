import type { Written } from '../client.ts';
import type { Call } from '../outcome.ts';
import type { Sdk } from './sdk.ts';
import type { SearchParts } from './search.ts';

type Numbers = ReturnType<Sdk['numbers']>;
type Result = Awaited<ReturnType<Numbers['buyNumber']>>;

/**
 * One write of the numbers API. Success is the *text* "200": the SDK's own advice, "any `errorCode` is an error", would
 * take every success for a failure, and an answer without the field arrives as the text "undefined".
 */
export async function writeNumber(
  { api, sdk }: SearchParts,
  operation: string,
  call: Call,
  run: (numbers: Numbers) => Promise<Result>,
): Promise<Written<undefined>> {
  const { numbers } = await sdk();
  return api.sdkWrite(call, operation, async (exchange) => {
    const { errorCode } = await run(numbers(exchange));
    if (errorCode !== '200') throw new Error(`error code ${errorCode}`);
    return undefined;
  });
}
