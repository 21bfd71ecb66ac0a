export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
export interface HttpLimits {
  readonly signal?: AbortSignal;
  /** Total for the whole exchange, milliseconds. */
  readonly timeoutMs: number;
  /** Bytes of answer taken at most (S3). */
  readonly maxBytes: number;
}

/** One HTTP exchange: no retry, no redirect followed. */
export type Http = (request: HttpRequest, limits: HttpLimits) => Promise<HttpAnswer>;

/** The request certainly did not leave (refused connection, unknown host, aborted before sending). */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}
/** The request may have been executed, but there is no usable answer (P2). */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
  readonly reason: 'timeout' | 'connection_lost' | 'too_large';
  constructor(reason: 'timeout' | 'connection_lost' | 'too_large', cause?: unknown) {
    super(`no answer: ${reason}`, { cause });
    this.reason = reason;
  }
}
