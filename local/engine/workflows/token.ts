import { randomUUID } from 'node:crypto';

/** Where a token leads: the execution, the place in it, and one attempt there that nobody can guess. */
export interface TokenPlace {
  readonly machine: string;
  readonly name: string;
  readonly path: string;
}

export function newToken({ machine, name, path }: TokenPlace): string {
  return Buffer.from([machine, name, path, randomUUID()].join('~')).toString('base64url');
}

/** The place a token leads to, or nothing if it never was one. */
export function placeOf(token: string): TokenPlace | undefined {
  const [machine, name, path, attempt] = Buffer.from(token, 'base64url').toString().split('~');
  return machine && name && path && attempt ? { machine, name, path } : undefined;
}
