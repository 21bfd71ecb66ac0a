import { CarrierUnusable } from '../../domain/errors.ts';
import type { HttpRequest } from '../../platform/http.ts';
import type { Exchange } from '../client.ts';
import type { Credentials } from '../port.ts';

/** Twilio's hosts; with a simulator all of them are its root, under which it has the real paths. */
interface Hosts {
  readonly api: string;
  readonly numbers: string;
  readonly pricing: string;
  /** Takes files; not part of the published API description. */
  readonly upload: string;
}
export interface Account {
  readonly sid: string;
  readonly authorization: string;
  readonly hosts: Hosts;
}

/** Account and hosts from credentials. Throws `CarrierUnusable` (`auth`) when a credential is missing. */
export function accountOf(credentials: Credentials, baseUrl: string | undefined): Account {
  const sid = credentials['TWILIO_ACCOUNT_SID'] ?? '';
  const token = credentials['TWILIO_AUTH_TOKEN'] ?? '';
  if (!/^AC[0-9a-f]{32}$/.test(sid) || token === '') {
    throw new CarrierUnusable({ code: 'auth', detail: 'TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are needed' });
  }
  const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`;
  return { sid, authorization, hosts: hostsOf(baseUrl?.replace(/\/+$/, '')) };
}

function hostsOf(root: string | undefined): Hosts {
  return {
    api: root ?? 'https://api.twilio.com',
    numbers: root ?? 'https://numbers.twilio.com',
    pricing: root ?? 'https://pricing.twilio.com',
    upload: root ?? 'https://numbers-upload.twilio.com',
  };
}

/** What a resource class of the SDK asks its client for. */
interface SdkRequest {
  readonly method: string;
  readonly uri: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}
interface SdkAnswer {
  readonly statusCode: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The one method the SDK's resource classes need of a client, on our transport. No repeats, no redirects. */
export function sdkRequest(account: Account, exchange: Exchange): (request: SdkRequest) => Promise<SdkAnswer> {
  return async ({ method, uri, params, data, headers }) => {
    const url = withQuery(uri, params);
    requireOwnHost(account.hosts, url);
    const answer = await exchange({
      method: method.toUpperCase() as HttpRequest['method'],
      url,
      headers: { ...headers, authorization: account.authorization },
      ...(data === undefined ? {} : { body: fields(data).toString() }),
    });
    return {
      statusCode: answer.status,
      body: new TextDecoder().decode(answer.body),
      headers: answer.headers,
    };
  };
}

/** Following pages come as addresses in answers: our credentials go nowhere but to the hosts we know. */
function requireOwnHost(hosts: Hosts, url: string): void {
  if (Object.values(hosts).some((host) => url.startsWith(`${host}/`))) return;
  throw new CarrierUnusable({ code: 'malformed_reply', detail: 'twilio: the answer points to another host' });
}

function withQuery(uri: string, params: SdkRequest['params']): string {
  const query = fields(params ?? {}).toString();
  if (query === '') return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}

function fields(data: Readonly<Record<string, unknown>>): URLSearchParams {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(data)) {
    for (const one of Array.isArray(value) ? value : [value]) found.append(name, String(one));
  }
  return found;
}
