/**
 * Time limits of an official client's tries, milliseconds. Without `throwOnRequestTimeout` it only warns when time is over
 * (performance §2).
 */
export const within = (requestTimeout: number) => ({
  connectionTimeout: 300,
  requestTimeout,
  throwOnRequestTimeout: true,
});
