import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { onEvents } from '../../../functions/api/on-events.ts';
import { isHttpEvent, onHttp, sourceAddress } from '../../../functions/platform/on-lambda.ts';
import { onceReady } from '../../../functions/platform/once-ready.ts';
import { SecretUnavailable } from '../../../functions/platform/secrets.ts';
import { testClock } from '../../../local/engine/clock.ts';
import { keptLog } from '../../inbound/house.ts';
import { httpEvent } from './http-events.ts';

const PUBLIC_URL = 'https://gateway.example.com';

/** An app that tells what reached it. */
function mirror() {
  const app = new Hono();
  app.all('*', async (c) =>
    c.json({
      method: c.req.method,
      url: c.req.url,
      path: c.req.path,
      header: c.req.header('x-name') ?? null,
      body: Buffer.from(await c.req.arrayBuffer()).toString('hex'),
      address: sourceAddress(c.req.raw, c.env) ?? null,
    }),
  );
  const serve = onHttp(app, PUBLIC_URL);
  return async (...event: Parameters<typeof httpEvent>) => JSON.parse((await serve(httpEvent(...event))).body);
}

describe('an event of the HTTP API', () => {
  it('reaches the app under its public address, with the caller’s own', async () => {
    const seen = await mirror()('GET /v1/numbers?limit=5&q=a%2Bb', { headers: { 'x-name': 'Zoë' } });

    expect(seen).toMatchObject({
      method: 'GET',
      url: `${PUBLIC_URL}/v1/numbers?limit=5&q=a%2Bb`,
      path: '/v1/numbers',
      address: '203.0.113.9',
    });
    expect(Buffer.from(seen.header, 'latin1').toString()).toBe('Zoë');
  });

  it.each([
    ['/v1/numbers/+441223555010', '/v1/numbers/+441223555010'],
    ['/v1/numbers/a?b', '/v1/numbers/a%3Fb'],
    ['/v1/numbers/a#b', '/v1/numbers/a%23b'],
    ['/v1/numbers/100%', '/v1/numbers/100%25'],
    ['/v1/numbers/%zz', '/v1/numbers/%25zz'],
    ['//evil.example/v1', '//evil.example/v1'],
  ])('keeps a decoded path %s a path', async (rawPath, path) => {
    const serve = onHttp({ fetch: (request) => new Response(request.url) }, PUBLIC_URL);

    const { body } = await serve({ ...httpEvent('GET /'), rawPath });

    expect(body).toBe(`${PUBLIC_URL}${path}`);
  });

  it('hands over the body byte for byte, as text or as Base64', async () => {
    const bytes = new Uint8Array([0xff, 0x00, 0xc3, 0x28]);

    expect(await mirror()('POST /', { body: bytes })).toMatchObject({ body: 'ff00c328' });
    expect(await mirror()('POST /', { body: '{"a":"é"}' })).toMatchObject({
      body: Buffer.from('{"a":"é"}').toString('hex'),
    });
    expect(await mirror()('DELETE /')).toMatchObject({ method: 'DELETE', body: '' });
  });

  it('is answered as text where it is text, else as Base64', async () => {
    const answers: Record<string, Response> = {
      '/json': new Response('{"a":"é"}', { status: 201, headers: { 'content-type': 'application/problem+json' } }),
      '/bytes': new Response(new Uint8Array([1, 2, 255]), { headers: { 'content-type': 'image/png' } }),
      '/empty': new Response(null, { status: 204, headers: { 'request-id': 'x' } }),
    };
    const serve = onHttp({ fetch: (request) => answers[new URL(request.url).pathname] ?? new Response() }, PUBLIC_URL);

    expect(await serve(httpEvent('GET /json'))).toMatchObject({
      statusCode: 201,
      body: '{"a":"é"}',
      isBase64Encoded: false,
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(await serve(httpEvent('GET /bytes'))).toMatchObject({ body: 'AQL/', isBase64Encoded: true });
    expect(await serve(httpEvent('GET /empty'))).toMatchObject({
      statusCode: 204,
      body: '',
      isBase64Encoded: false,
      headers: { 'request-id': 'x' },
    });
  });

  it('is told from a state’s task', () => {
    expect(isHttpEvent(httpEvent('GET /'))).toBe(true);
    expect(isHttpEvent({ task: 'ClaimNumbers', input: {} })).toBe(false);
    expect(isHttpEvent(null)).toBe(false);
  });
});

describe('a function that could not read what it needs', () => {
  it('answers a problem document, and is ready with the next call (V7)', async () => {
    const app = new Hono();
    app.get('/', (c) => c.text('well'));
    let tries = 0;
    const ready = onceReady(async () => {
      tries++;
      if (tries === 1) throw new SecretUnavailable('secret cursor/key is not set');
      return app;
    });
    const log = keptLog();
    const serve = onEvents(ready, { clock: testClock(), log }, PUBLIC_URL);

    const first = await serve(httpEvent('GET /'));
    const second = await serve(httpEvent('GET /'));
    await serve(httpEvent('GET /'));

    expect(first).toMatchObject({ statusCode: 503, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(first.body)).toMatchObject({ code: 'unavailable', status: 503, instance: '/' });
    expect(first.body).not.toContain('cursor');
    expect(second).toMatchObject({ statusCode: 200, body: 'well' });
    expect(tries).toBe(2);
    expect(log.lines).toMatchObject([{ level: 'error', event: 'not_served' }]);
  });
});
