import { type Client, createClient } from '../functions/contract/client.ts';
import { localSignIn } from './local-lines.ts';
import { type Simulators, simulators } from './simulators.ts';
import type { Terminal } from './terminal.ts';
import { cachePath, type TokenCache, tokenCache } from './token-cache.ts';

/** What every command takes. */
export interface GlobalOptions {
  readonly url?: string;
  readonly simulators?: string;
  readonly token?: string;
  readonly as?: string;
  readonly tenant?: string;
  readonly json?: boolean;
}
/** One call of the program: whom it speaks to, as whom, and where it writes. */
export interface Session {
  readonly url: string;
  readonly client: Client;
  readonly simulators: Simulators;
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly cache: TokenCache;
  /** E-mail of the local person who is signed in, if it is one. */
  readonly email: string | undefined;
  readonly tenant: string | undefined;
  /** A fresh token of a local person, kept for later. */
  signIn(email: string): Promise<string>;
  /** The answer itself for scripts, or the text made of it for people. */
  show(body: unknown, text: () => string): void;
}

/** No call takes longer: `--wait` asks again and again instead of holding one open. */
const LONGEST_MS = 60_000;

/** Nothing answers at an address. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}
/** The command line asks for something that cannot be. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}
/** Ends the program with this code; everything was said. */
export class Quit extends Error {
  override readonly name = 'Quit';
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

export function openSession(options: GlobalOptions, terminal: Terminal): Session {
  const { env } = terminal;
  const url = addressOf(options.url ?? env['NUMBERGATE_URL'] ?? 'http://127.0.0.1:3000');
  const simulatorsUrl = addressOf(options.simulators ?? env['SIMULATORS_URL'] ?? 'http://127.0.0.1:3001');
  const cache = tokenCache(cachePath(env, process.platform));
  const kept = cache.current(url);
  const fixed = options.token ?? (options.as === undefined ? env['NUMBERGATE_TOKEN'] : undefined);
  const email = fixed ? undefined : (options.as ?? kept.email);
  const tenant = options.tenant ?? env['NUMBERGATE_TENANT'] ?? (email === kept.email ? kept.tenant : undefined);
  const anyone = createClient({ baseUrl: url, fetch: reaching(url) });
  const signIn = async (person: string): Promise<string> => {
    const { accessToken, expiresAt } = (await anyone.call(localSignIn, { body: { email: person } })).body;
    cache.keep(url, person, { accessToken, expiresAt });
    return accessToken;
  };
  const token = async () => fixed ?? (email && (cache.find(url, email, new Date()) ?? (await signIn(email))));
  const renew = email === undefined ? undefined : () => signIn(email);
  return {
    ...{ url, terminal, cache, email, tenant, signIn, json: options.json === true },
    client: createClient({ baseUrl: url, token, fetch: reaching(url, renew), ...(tenant ? { tenant } : {}) }),
    simulators: simulators(simulatorsUrl, (input, init) => reaching(simulatorsUrl)(new Request(input, init))),
    show: (body, text) => terminal.out(options.json ? `${JSON.stringify(body, null, 2)}\n` : text()),
  };
}

const addressOf = (url: string): string => url.replace(/\/+$/, '');

/**
 * Sends and says where nothing answers. A kept token the gateway does not know any more (another installation, a moved
 * clock) is renewed once.
 */
function reaching(url: string, renew?: () => Promise<string>): (request: Request) => Promise<Response> {
  const send = async (request: Request): Promise<Response> => {
    try {
      return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(LONGEST_MS)]) });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
      throw new Unreachable(`Nothing answers at ${url} (${code}).`);
    }
  };
  return async (request) => {
    const spare = renew && request.clone();
    const response = await send(request);
    if (response.status !== 401 || !renew || !spare) return response;
    spare.headers.set('Authorization', `Bearer ${await renew()}`);
    return send(spare);
  };
}
