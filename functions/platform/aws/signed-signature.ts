import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** Short-lived credentials of a role carry a session token. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}
export interface Unsigned {
  readonly host: string;
  /** Lower-case names; `host`, date and token are added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly credentials: Credentials;
  readonly at: Date;
}
/** Headers of a POST to `/`, complete with `authorization`. */
export type Sign = (request: Unsigned) => Readonly<Record<string, string>>;

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Signature Version 4 for the JSON services: POST, no path, no query. Every header given is signed. The day's key is kept. */
export function signer({ service, region }: { readonly service: string; readonly region: string }): Sign {
  const dayKey = keptKey(region, service);
  return ({ host, headers, body, credentials, at }) => {
    const iso = at.toISOString();
    const day = `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 10)}`;
    const date = `${day}T${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const signed: Readonly<Record<string, string>> = {
      ...headers,
      host,
      'x-amz-date': date,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    };
    const names = Object.keys(signed).sort();
    let lines = '';
    for (const name of names) lines += `${name}:${tidy(signed[name] ?? '')}\n`;
    const list = names.join(';');
    const scope = `${day}/${region}/${service}/aws4_request`;
    const canonical = `POST\n/\n\n${lines}\n${list}\n${digest(body)}`;
    const text = `${ALGORITHM}\n${date}\n${scope}\n${digest(canonical)}`;
    const signature = createHmac('sha256', dayKey(secretAccessKey, day)).update(text).digest('hex');
    const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${list}, Signature=${signature}`;
    return { ...signed, authorization };
  };
}

/** Four hashes once a day instead of at each request, and a key object: bytes would be made one at each. A new secret makes a new key. */
function keptKey(region: string, service: string): (secret: string, day: string) => KeyObject {
  let kept: { readonly of: string; readonly key: KeyObject } | undefined;
  return (secret, day) => {
    const of = `${day} ${secret}`;
    if (kept?.of !== of) {
      const ofDay = hmac(Buffer.from(`AWS4${secret}`), day);
      kept = { of, key: createSecretKey(hmac(hmac(hmac(ofDay, region), service), 'aws4_request')) };
    }
    return kept.key;
  };
}

function hmac(key: Buffer, text: string): Buffer<ArrayBuffer> {
  return Buffer.from(createHmac('sha256', key).update(text).digest());
}

/** As it is signed; nearly all values are so already, and some are long. */
function tidy(value: string): string {
  return value.includes(' ') ? value.trim().replace(/ +/g, ' ') : value.trim();
}

function digest(text: string): string {
  return hash('sha256', text, 'hex');
}
