import { describe, expect, it } from 'vitest';
import { systemRoutes } from '../../functions/api/system-routes.ts';
import { PROBLEMS } from '../../functions/contract/problem-catalogue.ts';
import { send, startSample } from './sample.ts';
import { sampleRoutes } from './sample-routes.ts';

describe('health', () => {
  it('GET /health touches nothing and needs no credential', async () => {
    const answer = await send(startSample(), 'GET /health');

    expect(answer.json).toEqual({ status: 'ok', engine: 'local', version: '0.1.0', time: '2026-01-15T09:00:00.000Z' });
  });

  it('GET /health/ready is 200, or 503 naming what fails', async () => {
    const sample = startSample();
    const good = await send(sample, 'GET /health/ready');
    sample.ready.blobs = () => Promise.reject(new Error('SECRET place'));
    const bad = await send(sample, 'GET /health/ready');

    expect([good.status, good.json['status'], bad.status, bad.json['status']]).toEqual([200, 'ok', 503, 'degraded']);
    const checks = { table: 'ok', workflows: 'ok', outbox: 'ok', blobs: 'failing', secrets: 'ok' };
    expect(bad.json['checks']).toEqual(checks);
    expect(bad.text).not.toContain('SECRET');
  });
});

describe('addresses nobody bound', () => {
  it.each(['GET /nowhere', 'GET /v1', 'POST /v1/things/thg_1/nothing', 'GET //v1/me', 'GET /v1/me/'])(
    '404 problem document: %s',
    async (line) => {
      const answer = await send(startSample(), line, { as: 'admin' });

      expect([answer.status, answer.type, answer.json['code']]).toEqual([404, 'application/problem+json', 'not_found']);
      expect(answer.json['requestId']).toBe(answer.headers.get('request-id'));
    },
  );

  it.each([
    ['PUT /v1/things', 'GET, HEAD, POST'],
    ['POST /v1/things/thg_1', 'DELETE, GET, HEAD, PATCH'],
    ['OPTIONS /health', 'GET, HEAD'],
  ])('405 with Allow: %s', async (line, allow) => {
    const answer = await send(startSample(), line, { as: 'admin' });

    expect([answer.status, answer.json['code'], answer.headers.get('allow')]).toEqual([
      405,
      'method_not_allowed',
      allow,
    ]);
  });

  it('HEAD answers like GET, without the body', async () => {
    const answer = await send(startSample(), 'HEAD /health');

    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});

describe('headers of every answer', () => {
  it.each(['GET /health', 'GET /nowhere', 'GET /v1/me', 'GET /reference', 'PUT /health'])('%s', async (line) => {
    const { headers } = await send(startSample(), line);

    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('request-id')).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it('a Request-Id somebody sends is not taken over', async () => {
    const answer = await send(startSample(), 'GET /health', { headers: { 'Request-Id': 'mine' } });

    expect(answer.headers.get('request-id')).not.toBe('mine');
  });
});

describe('pages', () => {
  it('every code has a page with cause, remedy and whether to retry; another code is 404', async () => {
    const sample = startSample();
    for (const [code, { title }] of PROBLEMS) {
      const page = await send(sample, `GET /problems/${code}`);
      expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8']);
      for (const part of [title.replaceAll("'", '&#39;'), 'Cause', 'Remedy', 'retry'])
        expect(page.text).toContain(part);
    }
    for (const code of ['nothing_such', '..%2f', '%3Cscript%3E', 'constructor']) {
      expect((await send(sample, `GET /problems/${code}`)).status).toBe(404);
    }
  });

  it('every problem type is the address of its page', async () => {
    const sample = startSample();
    const answer = await send(sample, 'GET /v1/things', { as: 'cs' });
    const { pathname } = new URL(String(answer.json['type']));

    expect((await send(sample, `GET ${pathname}`)).status).toBe(200);
  });

  it('/reference shows every operation, and asks nobody for anything', async () => {
    const page = await send(startSample(), 'GET /reference');

    for (const { operationId, path } of [...systemRoutes, ...sampleRoutes]) {
      expect(page.text).toContain(`id="${operationId}"`);
      expect(page.text).toContain(path);
    }
    expect(page.text).toContain('createThing');
    expect(page.text).not.toMatch(/<script|<link|<img|src=|url\(|@import|https?:\/\/(?!gateway\.example)/);
    const targets = [...page.text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets.filter((id) => !page.text.includes(`id="${id}"`))).toEqual([]);
    expect(page.headers.get('content-security-policy')).toMatch(/style-src 'sha256-[\w+/=]+'/);
  });

  it('/openapi.json is the document of these routes', async () => {
    const { json } = await send(startSample(), 'GET /openapi.json');

    expect(json['openapi']).toBe('3.1.0');
    expect(Object.keys(json['paths'] as object)).toContain('/v1/things/{id}/approval');
  });
});
