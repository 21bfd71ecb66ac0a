import type { RawRequest } from '../../../functions/carriers/inbound-port.ts';
import { PUBLIC_URL } from '../../../test/inbound/signed.ts';

export const TABLE_NAME = 'numbergate-bench';
/** Beginning of secrets whose values are lists of what is valid, as during a rotation: one reading tells all. */
export const LISTED = 'numbergate/bench';
/** Secrets whose values are plain texts: the former version is read as well. */
export const TEXTS = 'numbergate/texts';

/** What the platform and the deployment give the function, with the services on loopback. */
export function functionEnv(port: number, secretsPrefix = LISTED): Readonly<Record<string, string>> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDBENCH',
    AWS_SECRET_ACCESS_KEY: 'secret-of-the-bench',
    AWS_SESSION_TOKEN: 'token-of-the-bench'.repeat(30),
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    STAGE: 'bench',
    TABLE_NAME,
    PUBLIC_URL,
    SECRETS_PREFIX: secretsPrefix,
    NODE_ENV: 'production',
  };
}

/** The event an HTTP API makes of a carrier's request: a form comes in base64. */
export function toEvent({ method, path, query, headers, body }: RawRequest) {
  const rawPath = path.split('?', 1)[0] ?? path;
  return {
    version: '2.0',
    routeKey: 'POST /inbound/{proxy+}',
    rawPath,
    rawQueryString: query,
    headers: {
      ...headers,
      host: 'gateway.example.com',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
    },
    requestContext: { http: { method, path: rawPath, sourceIp: '203.0.113.7' }, requestId: 'bench', stage: '$default' },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  };
}
