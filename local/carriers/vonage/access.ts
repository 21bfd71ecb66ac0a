import { timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import type { SimWorld } from '../kernel/simulator-port.ts';
import { problemDocument, result } from './answers.ts';

/** Basic as the SDK sends it, or `api_key` and `api_secret` in the query as the description says; both work. */
export function access(world: SimWorld): MiddlewareHandler {
  return async (c, next) => {
    const { VONAGE_API_KEY: key = '', VONAGE_API_SECRET: secret = '' } = world.credentials;
    const [givenKey, givenSecret] = credentialsOf(c);
    if (key !== '' && secret !== '' && same(givenKey, key) && same(givenSecret, secret)) return next();
    if (!c.req.path.includes('/v2/')) return result(c, 401, 'authentication failed');
    return problemDocument(c, 401, 'Unauthorized', 'You did not provide correct credentials.');
  };
}

function credentialsOf(c: Context): readonly [string, string] {
  const basic = /^Basic (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (basic === undefined) return [c.req.query('api_key') ?? '', c.req.query('api_secret') ?? ''];
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function same(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
