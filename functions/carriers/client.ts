import type * as z from 'zod';
import type { CarrierId } from '../domain/carrier-id.ts';
import type { Http, HttpAnswer, HttpRequest } from '../platform/http.ts';
import { judgeRead, judgeWrite, parsed, type Refusals, type Written } from './client-judge.ts';
import { conversation } from './client-sdk.ts';
import { type About, carrierLine, type Observe, type Timing } from './exchange.ts';
import type { Health } from './exchange-health.ts';
import { realTiming, repeater } from './exchange-retry.ts';
import type { Call } from './outcome.ts';

export type { AnswerText, Written } from './client-judge.ts';
export type { Observe, Observed } from './exchange.ts';

/** A transport for an SDK, bound to one call: give it the SDK's request, it gives back the carrier's answer. */
export type Exchange = (request: HttpRequest) => Promise<HttpAnswer>;

export interface CarrierClientOptions extends Refusals {
  readonly id: CarrierId;
  /** Requests at once. */
  readonly concurrency: number;
  /** Values blanked wherever they show up in a record; credentials of eight characters and more. */
  readonly secrets?: readonly string[];
  readonly timing?: Timing;
}

export interface CarrierClient {
  /** One judged-by-nobody exchange, for the transport of an SDK. Throws `NotSent` or `AnswerLost`. */
  exchange(request: HttpRequest, about: About): Promise<HttpAnswer>;
  /** Throws the carrier error classes; `malformed_reply` when the answer is not the shape asked for (S3). */
  read<S extends z.ZodType>(call: Call, operation: string, request: HttpRequest, shape: S): Promise<z.output<S>>;
  /** Sent once. Throws `CarrierBusy` only when nothing left; every answer of the carrier is a value. */
  write<S extends z.ZodType>(
    call: Call,
    operation: string,
    request: HttpRequest,
    shape: S,
  ): Promise<Written<z.output<S>>>;
  /** `read` around an official SDK: judged by the last answer its transport saw, not by the SDK's error classes. */
  sdkRead<T>(call: Call, operation: string, run: (exchange: Exchange) => Promise<T>): Promise<T>;
  /** `write` around an official SDK. A zod error thrown by `run` (or any throw after a 2xx) is `malformed_reply`, hence `unknown`. */
  sdkWrite<T>(call: Call, operation: string, run: (exchange: Exchange) => Promise<T>): Promise<Written<T>>;
  /** How this process has found the carrier lately. */
  health(): Health;
}

/**
 * The shared client of all carriers (reliability §4.2): reads are repeated at most twice with full jitter and a budget of
 * 10 %, writes never; total time, size, concurrency and breaker per carrier; secrets blanked before anything is observed.
 */
export function carrierClient(options: CarrierClientOptions, http: Http, observe?: Observe): CarrierClient {
  const timing = options.timing ?? realTiming;
  const secrets = options.secrets ?? [];
  const line = carrierLine({ id: options.id, concurrency: options.concurrency, secrets, http, observe, timing });
  const repeat = repeater(line, timing);
  const talk = (call: Call, kind: About['kind'], operation: string) =>
    conversation((request, about, deadline) => repeat(request, about, deadline), { call, kind, operation }, timing);

  const client: CarrierClient = {
    health: () => line.health(),
    exchange: (request, about) => repeat(request, about, timing.monotonicMs() + about.call.timeoutMs),
    read: (call, operation, request, shape) =>
      client.sdkRead(call, operation, async (exchange) => parsed(await exchange(request), shape)),
    write: (call, operation, request, shape) =>
      client.sdkWrite(call, operation, async (exchange) => parsed(await exchange(request), shape)),
    async sdkRead(call, operation, run) {
      const seen = talk(call, 'read', operation);
      return judgeRead(options, call, await seen.run(run), timing);
    },
    async sdkWrite(call, operation, run) {
      const seen = talk(call, 'write', operation);
      return judgeWrite(options, call, await seen.run(run), timing);
    },
  };
  return client;
}
