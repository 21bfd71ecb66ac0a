import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Blobs, UploadLink } from '../../functions/platform/blobs.ts';

export interface BlobsWorld {
  readonly blobs: Blobs;
  /** Uses a link as a client does. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** A link as it was made so many seconds ago. */
  aged<Link>(seconds: number, make: (blobs: Blobs) => Promise<Link>): Promise<Link>;
  close(): Promise<void>;
}
export type OpenBlobs = () => Promise<BlobsWorld>;

export const PDF = { size: 8, contentType: 'application/pdf' };
export const CONTENT = new Uint8Array([37, 80, 68, 70, 45, 49, 0, 255]);

/** What every engine's file store must do. */
export function blobsContract(open: OpenBlobs): void {
  const withBlobs = (work: (world: BlobsWorld) => Promise<void>) => async () => {
    const world = await open();
    try {
      await work(world);
    } finally {
      await world.close();
    }
  };
  const send = (world: BlobsWorld, link: UploadLink, body = CONTENT, headers = link.headers) =>
    world.fetch(link.url, { method: link.method, headers, body });
  const KEY = 'documents/doc_01/a-B_9';

  describe('upload', () => {
    it(
      'takes the file the link is for, once; then it is there with its facts',
      withBlobs(async (world) => {
        const link = await world.blobs.uploadLink(KEY, PDF);
        expect(await world.blobs.facts(KEY)).toBeUndefined();
        expect(await world.blobs.read(KEY)).toBeUndefined();
        expect((await send(world, link)).ok).toBe(true);
        const sha256 = createHash('sha256').update(CONTENT).digest('hex');
        expect(await world.blobs.facts(KEY)).toEqual({ ...PDF, sha256 });
        expect(new Uint8Array((await world.blobs.read(KEY)) ?? [])).toEqual(CONTENT);
      }),
    );
    it(
      'R7: cannot replace a file that is there, neither with the same link nor with another',
      withBlobs(async (world) => {
        const links = [await world.blobs.uploadLink(KEY, PDF), await world.blobs.uploadLink(KEY, PDF)];
        for (const [n, link] of links.entries()) expect((await send(world, link)).ok).toBe(n === 0);
        const evil = CONTENT.map((byte) => byte ^ 1);
        expect((await send(world, links[0] ?? (await world.blobs.uploadLink(KEY, PDF)), evil)).ok).toBe(false);
        expect(new Uint8Array((await world.blobs.read(KEY)) ?? [])).toEqual(CONTENT);
      }),
    );
    it(
      'of two at the same moment exactly one wins, whole',
      withBlobs(async (world) => {
        const link = await world.blobs.uploadLink(KEY, PDF);
        const bodies = [1, 2, 3, 4].map((byte) => new Uint8Array(8).fill(byte));
        const answers = await Promise.all(bodies.map((body) => send(world, link, body)));
        expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
        const won = answers.findIndex((answer) => answer.ok);
        expect(new Uint8Array((await world.blobs.read(KEY)) ?? [])).toEqual(bodies[won]);
      }),
    );
    it.each([
      ['too long', new Uint8Array(9)],
      ['too short', new Uint8Array(7)],
      ['empty', new Uint8Array(0)],
    ])('R3: refuses a file that is %s', (_, body) =>
      withBlobs(async (world) => {
        const link = await world.blobs.uploadLink(KEY, PDF);
        expect((await send(world, link, body)).ok).toBe(false);
        expect(await world.blobs.facts(KEY)).toBeUndefined();
        expect((await send(world, link)).ok).toBe(true);
      })(),
    );
    it(
      'R3: refuses another type',
      withBlobs(async (world) => {
        const link = await world.blobs.uploadLink(KEY, PDF);
        expect((await send(world, link, CONTENT, { 'content-type': 'text/html' })).ok).toBe(false);
        expect((await send(world, link, CONTENT, {})).ok).toBe(false);
        expect(await world.blobs.facts(KEY)).toBeUndefined();
      }),
    );
    it(
      'is over after five minutes at most',
      withBlobs(async (world) => {
        const aged = (seconds: number) => world.aged(seconds, (blobs) => blobs.uploadLink(KEY, PDF));
        expect((await send(world, await aged(301))).ok).toBe(false);
        expect(await world.blobs.facts(KEY)).toBeUndefined();
        expect((await send(world, await aged(290))).ok).toBe(true);
      }),
    );
  });

  describe('download', () => {
    it(
      'hands the file out as attachment under its name, whatever is in the name',
      withBlobs(async (world) => {
        await send(world, await world.blobs.uploadLink(KEY, PDF));
        for (const name of ['proof.pdf', 'Prüfung "1"\r\nx: y; *.pdf', '../../etc/passwd', '']) {
          const { url } = await world.blobs.downloadLink(KEY, name);
          const answer = await world.fetch(url);
          expect(answer.status).toBe(200);
          expect(answer.headers.get('content-disposition')).toMatch(/^attachment;/);
          expect(answer.headers.get('content-type')).toBe('application/pdf');
          expect(answer.headers.get('x')).toBeNull();
          expect(new Uint8Array(await answer.arrayBuffer())).toEqual(CONTENT);
        }
      }),
    );
    it(
      'does not serve what is missing, removed, or later than five minutes',
      withBlobs(async (world) => {
        const { url } = await world.blobs.downloadLink(KEY, 'a.pdf');
        expect((await world.fetch(url)).ok).toBe(false);
        await send(world, await world.blobs.uploadLink(KEY, PDF));
        expect((await world.fetch(url)).ok).toBe(true);
        const aged = (seconds: number) => world.aged(seconds, (blobs) => blobs.downloadLink(KEY, 'a.pdf'));
        expect((await world.fetch((await aged(290)).url)).ok).toBe(true);
        expect((await world.fetch((await aged(301)).url)).ok).toBe(false);
        await world.blobs.remove(KEY);
        await world.blobs.remove(KEY);
        expect(await world.blobs.facts(KEY)).toBeUndefined();
        expect((await world.fetch((await world.blobs.downloadLink(KEY, 'a.pdf')).url)).ok).toBe(false);
      }),
    );
  });

  describe('links', () => {
    it(
      'do only what they were made for',
      withBlobs(async (world) => {
        const put = await world.blobs.uploadLink(KEY, PDF);
        expect((await world.fetch(put.url)).ok).toBe(false);
        await send(world, put);
        const { url } = await world.blobs.downloadLink(KEY, 'a.pdf');
        const answer = await world.fetch(url, {
          method: 'PUT',
          headers: { 'content-type': 'application/pdf' },
          body: CONTENT,
        });
        expect(answer.ok).toBe(false);
      }),
    );
    it(
      'are refused when anything in them is changed',
      withBlobs(async (world) => {
        await send(world, await world.blobs.uploadLink(KEY, PDF));
        const { url } = await world.blobs.downloadLink(KEY, 'a.pdf');
        const path = new URL(url).origin.length;
        for (let at = path + 12; at < url.length; at += 7) {
          const changed = `${url.slice(0, at)}${url[at] === 'A' ? 'B' : 'A'}${url.slice(at + 1)}`;
          expect((await world.fetch(changed)).ok, changed).toBe(false);
        }
      }),
    );
    it.each(['../x', 'a/../b', '/a', 'a/', 'a//b', 'a.b', '', 'é'])('are not made for the key %j', (key) =>
      withBlobs(async (world) => {
        await expect(world.blobs.uploadLink(key, PDF)).rejects.toThrow();
        await expect(world.blobs.read(key)).rejects.toThrow();
      })(),
    );
  });
}
