import { createHash, createHmac } from 'node:crypto';

/** A call of one of AWS's own interfaces, by an administrator of the emulator's account. */
export interface AdminCall {
  readonly service: string;
  readonly method: string;
  /** Root of the emulator. */
  readonly url: string;
  /** Path without a query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
const [KEY, SECRET, REGION] = ['test', 'test', 'us-east-1'];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Sends a request with a signature (version 4): no client is installed for these services, and the emulator checks it. */
export function adminFetch({ service, method, url, path, headers = {}, body = '' }: AdminCall): Promise<Response> {
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = date.slice(0, 8);
  const signed: Record<string, string> = { ...headers, host: new URL(url).host, 'x-amz-date': date };
  const names = Object.keys(signed).toSorted();
  const lines = names.map((name) => `${name}:${signed[name]}\n`).join('');
  const list = names.join(';');
  const scope = `${day}/${REGION}/${service}/aws4_request`;
  // The path's escapes are escaped once more in what is signed.
  const canonical = [method, encodeURI(path), '', lines, list, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [REGION, service, 'aws4_request'].reduce<Buffer>(
    (sum, part) => hmac(sum, part),
    hmac(`AWS4${SECRET}`, day),
  );
  const signature = hmac(key, text).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${KEY}/${scope}, SignedHeaders=${list}, Signature=${signature}`;
  return fetch(url + path, {
    method,
    headers: { ...headers, 'x-amz-date': date, authorization },
    ...(body === '' ? {} : { body }),
  });
}
