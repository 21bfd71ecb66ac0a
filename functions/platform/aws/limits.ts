/**
 * Milliseconds until a connection must stand. In a cold start the process is busy with loading when the connection comes, and
 * learns of it late: a shorter limit is over although the service was there at once.
 */
export const CONNECT_MS = 1_000;

/**
 * Time limits of an official client's tries, milliseconds. Without `throwOnRequestTimeout` it only warns when time is over
 * (performance §2).
 */
export const within = (requestTimeout: number) => ({
  connectionTimeout: CONNECT_MS,
  requestTimeout,
  throwOnRequestTimeout: true,
});
