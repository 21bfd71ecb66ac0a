import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../../functions/domain/errors.ts';
import { blobLinks } from '../../local/engine/blob-routes.ts';
import { openBlobs } from '../../local/engine/blobs.ts';
import { testClock } from '../../local/engine/clock.ts';
import { type BlobsWorld, blobsContract, CONTENT, PDF } from '../contracts/blobs.ts';

const folder = mkdtempSync(join(tmpdir(), 'blobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start({ secrets = ['s1'], place = join(folder, randomUUID()) } = {}) {
  const clock = testClock();
  const publicUrl = 'http://127.0.0.1:3000';
  const blobs = openBlobs({ folder: place, publicUrl, clock, linkSecret: async () => secrets });
  const app = new Hono();
  app.route('/', blobLinks(blobs));
  app.onError((error, c) => {
    if (error instanceof GatewayError) return c.json({ code: error.code }, error.status as 422);
    throw error;
  });
  return { blobs, clock, app, place, fetch: async (url: string, init?: RequestInit) => app.request(url, init) };
}
const filesIn = (place: string) =>
  readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

describe('files on disk', () => {
  blobsContract(async () => {
    const { blobs, clock, fetch } = start();
    const aged: BlobsWorld['aged'] = async (seconds, make) => {
      const link = await make(blobs);
      clock.advance(seconds);
      return link;
    };
    return { blobs, fetch, aged, close: async () => undefined };
  });

  it('says which rule was broken', async () => {
    const { blobs, clock, fetch } = start();
    const link = await blobs.uploadLink('a', PDF);
    const code = async (body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = link.headers) => {
      const answer = await fetch(link.url, { method: 'PUT', body, headers });
      return `${answer.status} ${(await answer.json()).code}`;
    };
    expect(await code(new Uint8Array(9))).toBe('422 file_too_large');
    expect(await code(new Uint8Array(7))).toBe('422 file_size_mismatch');
    expect(await code(CONTENT, { 'content-type': 'text/html' })).toBe('422 file_type_not_allowed');
    expect(await code(CONTENT, { ...link.headers, 'content-length': '9' })).toBe('422 file_too_large');
    expect((await fetch(link.url, { method: 'PUT', body: CONTENT, headers: link.headers })).status).toBe(204);
    expect(await code(CONTENT)).toBe('409 already_uploaded');
    clock.advance(300);
    expect(await code(CONTENT)).toBe('403 link_expired');
    expect((await (await fetch(`${link.url}x`)).json()).code).toBe('link_invalid');
  });
  it('makes links of characters that need no encoding', async () => {
    const { blobs } = start();
    const { url } = await blobs.downloadLink('documents/a', 'Prüfung & "mehr".pdf');
    expect(new URL(url).pathname).toMatch(/^\/local\/blobs\/[A-Za-z0-9._~-]+$/);
    expect(new URL(url).search).toBe('');
  });
  it('X8: takes links of the former secret', async () => {
    const place = join(folder, randomUUID());
    const link = await start({ place }).blobs.uploadLink('a', PDF);
    const put = { method: 'PUT', body: CONTENT, headers: link.headers };
    expect((await start({ place, secrets: ['s3'] }).fetch(link.url, put)).status).toBe(403);
    expect((await start({ place, secrets: ['s2', 's1'] }).fetch(link.url, put)).status).toBe(204);
  });
  it('R3: stops an upload at the first byte too many and leaves nothing of it', async () => {
    const { blobs, fetch, place } = start();
    const link = await blobs.uploadLink('a', PDF);
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(5));
      },
    });
    const endless = { method: 'PUT', body, headers: link.headers, duplex: 'half' } as RequestInit;
    expect((await fetch(link.url, endless)).status).toBe(422);
    expect(pulled).toBeLessThan(10);
    expect(filesIn(place)).toEqual([]);
  });
  it('R3: leaves nothing of an upload whose line drops, and takes it again', async () => {
    const { blobs, app, fetch, place } = start();
    const link = await blobs.uploadLink('a', PDF);
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    await new Promise((done) => server.once('listening', done));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const path = new URL(link.url).pathname;
    const socket = connect(port, '127.0.0.1');
    socket.write(`PUT ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/pdf\r\ncontent-length: 8\r\n\r\n%PDF`);
    while (filesIn(place).length === 0) await new Promise((done) => setTimeout(done, 2));
    socket.destroy();
    while (filesIn(place).length > 0) await new Promise((done) => setTimeout(done, 2));
    await new Promise((done) => server.close(done));
    expect(await blobs.facts('a')).toBeUndefined();
    expect((await fetch(link.url, { method: 'PUT', body: CONTENT, headers: link.headers })).status).toBe(204);
  });
  it('R7: removes what a crash left on its way, but not what may still be arriving', () => {
    const place = join(folder, randomUUID());
    for (const name of ['old', 'fresh']) {
      mkdirSync(join(place, '.incoming', name), { recursive: true });
      writeFileSync(join(place, '.incoming', name, 'content'), 'half');
    }
    const now = testClock().now().getTime() / 1000;
    utimesSync(join(place, '.incoming', 'old'), now - 7200, now - 7200);
    utimesSync(join(place, '.incoming', 'fresh'), now - 60, now - 60);
    start({ place });
    expect(readdirSync(join(place, '.incoming'))).toEqual(['fresh']);
  });
  it('takes an empty file, and a key that is the beginning of another', async () => {
    const { blobs, fetch } = start();
    for (const key of ['a', 'a/b', 'a/b/c']) {
      const link = await blobs.uploadLink(key, { size: 0, contentType: 'text/plain' });
      expect((await fetch(link.url, { method: 'PUT', headers: link.headers })).status).toBe(204);
      expect(await blobs.facts(key)).toMatchObject({ size: 0 });
    }
    await blobs.remove('a');
    expect(await blobs.facts('a')).toBeUndefined();
    expect(await blobs.facts('a/b')).toBeDefined();
  });
});
