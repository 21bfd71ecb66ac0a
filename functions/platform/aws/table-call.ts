/** Members of a request or answer as they stand in the service's JSON. */
export type WireObject = { readonly [member: string]: unknown };

/**
 * One operation of a JSON service of AWS (DynamoDB, Secrets Manager): its wire JSON in and out. Repeats throttling, 5xx and
 * lost connections a few times by itself, so every request must be harmless when it is executed twice.
 * Throws `CallRefused` when the service answered with an error, `CallFailed` when there was no usable answer in time.
 */
export type TableCall = (operation: string, input: WireObject) => Promise<WireObject>;

/** The service answered, and said no: `code` is its name of the error, without namespace (`ConditionalCheckFailedException`). */
export class CallRefused extends Error {
  override readonly name = 'CallRefused';
  readonly code: string;
  /** Members of the error beside its message: `CancellationReasons`, `Item`. */
  readonly members: WireObject;
  constructor({ code, message, members = {}, cause }: RefusedOptions) {
    super(`${code}: ${message}`, { cause });
    this.code = code;
    this.members = members;
  }
}
interface RefusedOptions {
  readonly code: string;
  readonly message: string;
  readonly members?: WireObject;
  readonly cause?: unknown;
}

/** No usable answer: not reached, reset, too slow, cut, or down. Whether it was executed is unknown. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
}

/** What an official client threw, in our two classes; anything it did not get an answer of the service for is `CallFailed`. */
export function toCallError(error: unknown): CallRefused | CallFailed {
  const { name, message, $fault, $metadata, ...members } = error as ClientError;
  const status = $metadata?.httpStatusCode ?? 0;
  if ($fault === undefined || status >= 500) return new CallFailed(`${name}: ${message}`, { cause: error });
  return new CallRefused({ code: name, message, members, cause: error });
}
type ClientError = WireObject & {
  readonly name: string;
  readonly message: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
};
