/*
 * Test harness only, loaded before a function's code: names under amazonaws.com (the user pool's keys) are answered by the
 * emulator. Clients of AWS are led there by AWS_ENDPOINT_URL; a plain fetch is not.
 */
const { fetch: real } = globalThis;
globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (!url.hostname.endsWith('.amazonaws.com')) return real(input, init);
  const target = new URL(url.pathname + url.search, process.env.AWS_ENDPOINT_URL);
  return real(input instanceof Request ? new Request(target, input) : target, init);
};
