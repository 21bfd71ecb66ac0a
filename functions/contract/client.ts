import type * as z from 'zod';
import type { Roles, Route, Scope, Shape } from './route.ts';

export interface ClientOptions {
  /** Address of the gateway, without trailing slash. */
  readonly baseUrl: string;
  /** Access token or API key; a function is asked before each call. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  readonly fetch?: (request: Request) => Promise<Response>;
  /** For whom staff act: `Gateway-Tenant`. */
  readonly tenant?: string;
}

/** Query values as programs have them: numbers, booleans and lists are written as the interface wants them. */
type Loose<T> = { readonly [Name in keyof T]: T[Name] | number | boolean | readonly string[] };
type Given<Name extends string, T> = keyof T extends never
  ? { readonly [N in Name]?: undefined }
  : Record<never, never> extends T
    ? { readonly [N in Name]?: T | undefined }
    : { readonly [N in Name]: T };
type GivenBody<B extends z.ZodType> =
  z.input<B> extends undefined ? { readonly body?: undefined } : Given<'body', z.input<B>>;

interface CallHeaders {
  /** Default for a POST that requires one: a fresh UUID, which protects nothing beyond this very call. */
  readonly idempotencyKey?: string;
  /** An `ETag` as it was received, or the version it names. */
  readonly ifMatch?: string | number;
  /** As `wait=20`. */
  readonly prefer?: string;
  readonly tenant?: string;
  readonly signal?: AbortSignal;
}
type CallOptions<P extends Shape, Q extends Shape, B extends z.ZodType> = CallHeaders &
  Given<'params', z.input<P>> &
  Given<'query', Loose<z.input<Q>>> &
  GivenBody<B>;
interface CallAnswer<T extends z.ZodType> {
  readonly status: number;
  readonly body: z.output<T>;
  readonly headers: Headers;
}
/** The options may be left out where nothing is required. */
type OptionsOf<P extends Shape, Q extends Shape, B extends z.ZodType> =
  Record<never, never> extends CallOptions<P, Q, B>
    ? [options?: CallOptions<P, Q, B>]
    : [options: CallOptions<P, Q, B>];
type ItemOf<T extends z.ZodType> = z.output<T> extends { data: (infer Item)[] } ? Item : never;

export interface Client {
  /** Throws ApiProblem on a refusal. */
  call<P extends Shape, Q extends Shape, B extends z.ZodType, T extends z.ZodType, S extends Scope, F extends Roles>(
    route: Route<P, Q, B, T, S, F>,
    ...options: OptionsOf<P, Q, B>
  ): Promise<CallAnswer<T>>;
  /** Every item of a list, page after page, short and empty pages included. */
  paginate<
    P extends Shape,
    Q extends Shape,
    B extends z.ZodType,
    T extends z.ZodType,
    S extends Scope,
    F extends Roles,
  >(route: Route<P, Q, B, T, S, F>, ...options: OptionsOf<P, Q, B>): AsyncIterable<ItemOf<T>>;
}

/** The problem document as it came over the wire. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly code: string }[];
  readonly [member: string]: unknown;
}
/** A refusal. Programs test `code`. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly problem: ProblemBody;
  readonly headers: Headers;
  constructor(problem: ProblemBody, headers: Headers) {
    super(`${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
    this.headers = headers;
  }
}

type LooseOptions = CallHeaders & {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
};

/** A client typed by the same lines the server is made of. Runs in browsers too. */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? ((request: Request) => fetch(request));
  const call = async (route: Route, given: LooseOptions = {}): Promise<CallAnswer<z.ZodType>> => {
    const token = typeof options.token === 'function' ? await options.token() : options.token;
    const response = await send(toRequest(route, given, { ...options, token }));
    return readAnswer(response);
  };
  async function* paginate(route: Route, given: LooseOptions = {}): AsyncIterable<unknown> {
    for (let cursor: string | undefined; ; ) {
      const query = cursor === undefined ? given.query : { ...given.query, cursor };
      const { body } = await call(route, { ...given, query });
      const { data, page } = body as { data: unknown[]; page: { nextCursor?: string } };
      yield* data;
      if (page.nextCursor === undefined) return;
      cursor = page.nextCursor;
    }
  }
  // The signatures of `Client` hold by construction of the routes; inside, all routes are alike.
  return { call, paginate } as unknown as Client;
}

type Sender = { readonly baseUrl: string; readonly token: string | undefined; readonly tenant?: string };

function toRequest(route: Route, given: LooseOptions, sender: Sender): Request {
  const path = route.path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(given.params?.[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(given.query ?? {})) {
    if (value !== undefined && value !== null) search.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  const query = search.size > 0 ? `?${search}` : '';
  const headers = headersOf(route, given, sender);
  const hasBody = given.body !== undefined;
  if (hasBody) headers.set('Content-Type', 'application/json');
  return new Request(`${sender.baseUrl}${path}${query}`, {
    method: route.method.toUpperCase(),
    headers,
    ...(hasBody ? { body: JSON.stringify(given.body) } : {}),
    ...(given.signal ? { signal: given.signal } : {}),
  });
}

function headersOf(route: Route, given: LooseOptions, sender: Sender): Headers {
  const headers = new Headers({ Accept: 'application/json, application/problem+json' });
  const tenant = given.tenant ?? sender.tenant;
  const key = given.idempotencyKey ?? (route.idempotency === 'required' ? crypto.randomUUID() : undefined);
  if (sender.token !== undefined) headers.set('Authorization', `Bearer ${sender.token}`);
  if (tenant !== undefined) headers.set('Gateway-Tenant', tenant);
  if (key !== undefined) headers.set('Idempotency-Key', key);
  if (given.prefer !== undefined) headers.set('Prefer', given.prefer);
  if (given.ifMatch !== undefined) {
    headers.set('If-Match', typeof given.ifMatch === 'number' ? `"${given.ifMatch}"` : given.ifMatch);
  }
  return headers;
}

async function readAnswer(response: Response): Promise<CallAnswer<z.ZodType>> {
  const { status, headers } = response;
  const type = headers.get('content-type') ?? '';
  const text = await response.text();
  if (type.startsWith('application/problem+json')) throw new ApiProblem(JSON.parse(text) as ProblemBody, headers);
  if (!response.ok && !type.startsWith('application/json')) throw new ApiProblem(foreignProblem(status), headers);
  const body: unknown = text === '' ? undefined : type.startsWith('application/json') ? JSON.parse(text) : text;
  return { status, body, headers };
}

/** An error page of something between us and the gateway. */
function foreignProblem(status: number): ProblemBody {
  const detail = `The answer ${status} did not come from the gateway.`;
  return { type: 'about:blank', title: 'No answer of the gateway', status, code: 'foreign_answer', detail };
}
