import type { Telnyx } from 'telnyx';
import type * as z from 'zod';
import type { HttpRequest } from '../../platform/http.ts';
import type { CarrierClient, Exchange, Written } from '../client.ts';
import type { Call } from '../outcome.ts';

/** What every operation of the SDK gives back, as far as we trust it: the raw answer. */
interface Asked {
  asResponse(): Promise<Response>;
}
type Ask = (sdk: Telnyx) => Asked;

/** The official SDK over our transport; its replies are read by our shapes. */
export interface TelnyxApi {
  read<S extends z.ZodType>(call: Call, operation: string, shape: S, ask: Ask): Promise<z.output<S>>;
  write<S extends z.ZodType>(call: Call, operation: string, shape: S, ask: Ask): Promise<Written<z.output<S>>>;
}
interface Access {
  readonly apiKey: string;
  /** Without `/v2`. */
  readonly root: string;
}

/**
 * One client per call, bound to its exchange. No retries in the SDK: by default it repeats POSTs, orders included, and its
 * idempotency key sends nothing (telnyx.md §0). The raw answer is read because its list pages turn any reply, an error
 * inside 200 too, into an empty list. Settings it would take from the environment are given.
 */
export function telnyxApi(access: Access, client: CarrierClient): TelnyxApi {
  const bound = async (exchange: Exchange, timeoutMs: number) => {
    const { Telnyx } = await import('telnyx');
    return new Telnyx({
      apiKey: access.apiKey,
      publicKey: null,
      clientID: null,
      clientSecret: null,
      baseURL: `${access.root}/v2`,
      maxRetries: 0,
      timeout: timeoutMs + 1000, // ours ends first
      logLevel: 'off',
      fetch: (input, init) => viaExchange(exchange, String(input), init),
    });
  };
  const run = (call: Call, shape: z.ZodType, ask: Ask) => async (exchange: Exchange) => {
    const answer = await ask(await bound(exchange, call.timeoutMs)).asResponse();
    return shape.parse(await answer.json());
  };
  return {
    read: <S extends z.ZodType>(call: Call, operation: string, shape: S, ask: Ask) =>
      client.sdkRead(call, operation, run(call, shape, ask) as (exchange: Exchange) => Promise<z.output<S>>),
    write: <S extends z.ZodType>(call: Call, operation: string, shape: S, ask: Ask) =>
      client.sdkWrite(call, operation, run(call, shape, ask) as (exchange: Exchange) => Promise<z.output<S>>),
  };
}

async function viaExchange(exchange: Exchange, url: string, init: RequestInit | undefined): Promise<Response> {
  const body = typeof init?.body === 'string' ? init.body : undefined;
  const answer = await exchange({
    method: methodOf(init?.method),
    url,
    headers: Object.fromEntries(new Headers(init?.headers)),
    ...(body !== undefined && { body }),
  });
  const empty = answer.status === 204 || answer.status === 205 || answer.status === 304;
  return new Response(empty ? null : Buffer.from(answer.body), {
    status: answer.status,
    headers: { ...answer.headers },
  });
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

function methodOf(name = 'GET'): HttpRequest['method'] {
  const method = METHODS.find((known) => known === name.toUpperCase());
  if (method === undefined) throw new TypeError(`no method of this carrier: ${name}`);
  return method;
}
