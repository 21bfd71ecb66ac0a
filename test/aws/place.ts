/**
 * The emulator the tests of this folder run against, as `npm run test:aws` names it. The official clients find it, the
 * region and its credentials in the environment, as they do in a function.
 */
export function emulator(): string {
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  if (!endpoint) throw new Error('AWS_ENDPOINT_URL names no emulator: run npm run test:aws');
  process.env['AWS_REGION'] ??= 'us-east-1';
  process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test';
  return endpoint;
}

/** A name nobody else on this emulator has. */
export const ownName = (kind: string): string => `${kind}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
