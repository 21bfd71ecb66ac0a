import type { Vonage } from '@vonage/server-sdk';
import type { Exchange } from '../client.ts';

type Numbers = Vonage['numbers'];
type SdkRequest = Parameters<Numbers['sendRequest']>[0];
type SdkCredentials = ConstructorParameters<typeof Vonage>[0];

export interface SdkOptions {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly restHost: string;
  readonly apiHost: string;
}
/** The vendor's clients, talking through this exchange. */
export interface Sdk {
  numbers(exchange: Exchange): Numbers;
  accounts(exchange: Exchange): Vonage['accounts'];
}

/**
 * Loads the official SDK on first use. Its clients send everything through one method, `sendRequest`; each use gets
 * that method replaced by ours. The secret stays out of the SDK, which logs its headers under `DEBUG=vonage*`.
 */
export function vonageSdk(options: SdkOptions): () => Promise<Sdk> {
  let loading: Promise<Sdk> | undefined;
  return () => {
    loading ??= load(options).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

/** HTTP Basic of key and secret: what numbers, account and applications take. */
export function basicAuth({ apiKey, apiSecret }: Pick<SdkOptions, 'apiKey' | 'apiSecret'>): string {
  return `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
}

async function load(options: SdkOptions): Promise<Sdk> {
  const { Vonage: Client } = await import('@vonage/server-sdk');
  const { restHost, apiHost } = options;
  const client = new Client(withoutSecret(), { restHost, apiHost });
  const authorization = basicAuth(options);
  return {
    numbers: (exchange) => through(client.numbers, authorization, exchange),
    accounts: (exchange) => through(client.accounts, authorization, exchange),
  };
}

/** Satisfies the SDK, which takes an object of its own making when it has these methods; none of them is reached. */
function withoutSecret(): SdkCredentials {
  const unreachable = () => Promise.reject(new Error('our transport signs requests'));
  return {
    getQueryParams: unreachable,
    createBasicHeader: unreachable,
    createBearerHeader: unreachable,
    createSignatureHash: unreachable,
  };
}

function through<C extends object>(client: C, authorization: string, exchange: Exchange): C {
  const sendRequest = (request: SdkRequest) => send(request, authorization, exchange);
  return Object.create(client, { sendRequest: { value: sendRequest } });
}

/** The SDK's own transport in our terms; an answer that is not JSON is an error here, there it became "undefined". */
async function send(request: SdkRequest, authorization: string, exchange: Exchange) {
  const url = new URL(request.url);
  for (const [name, value] of Object.entries(request.params ?? {})) {
    if (value !== undefined) url.searchParams.append(name, String(value));
  }
  const isForm = request.method === 'POST';
  const answer = await exchange({
    method: isForm ? 'POST' : 'GET',
    url: url.toString(),
    headers: {
      authorization,
      accept: 'application/json',
      ...(isForm && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(isForm && { body: formOf(request.data) }),
  });
  if (answer.status < 200 || answer.status > 299) throw new Error(`status ${answer.status}`);
  const data: unknown = JSON.parse(new TextDecoder().decode(answer.body));
  return { data, status: answer.status, statusText: '', headers: answer.headers, config: request, request };
}

function formOf(data: SdkRequest['data']): string {
  const fields = Object.entries(data ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
  return new URLSearchParams(fields).toString();
}
