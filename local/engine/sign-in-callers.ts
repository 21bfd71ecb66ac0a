import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { NotAllowed } from '../../functions/domain/errors.ts';

/** Network address of the caller's socket; `undefined` when unknown. */
export type AddressOf = (c: Context) => string | undefined;

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/;
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** Set by a proxy, whose own address says nothing about the caller. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** The address as the Node server knows it. */
export function socketAddress(c: Context): string | undefined {
  try {
    return getConnInfo(c).remote.address;
  } catch {
    return undefined;
  }
}

/**
 * Lets only callers on this very machine through: by socket address, not through a proxy, and under a local name or our
 * own, since a page on the web can point its own name at 127.0.0.1. Others: 403 `loopback_only`.
 */
export function loopbackOnly(addressOf: AddressOf, ownUrl: string): MiddlewareHandler {
  const names = [...LOCAL_NAMES, new URL(ownUrl).hostname];
  return async (c, next) => {
    const isNear = LOOPBACK.test(addressOf(c) ?? '');
    const isDirect = PROXY_HEADERS.every((name) => c.req.header(name) === undefined);
    if (!isNear || !isDirect || !names.includes(hostName(c.req.header('host') ?? new URL(c.req.url).host)))
      throw new NotAllowed({ code: 'loopback_only', detail: 'Only programs on the same machine may do this.' });
    await next();
  };
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
