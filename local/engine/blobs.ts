import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import * as z from 'zod';
import { checkedBlobKey } from '../../functions/platform/blob-key.ts';
import type { BlobFacts, Blobs } from '../../functions/platform/blobs.ts';
import type { Clock } from '../../functions/platform/clock.ts';
import type { SecretVersions } from '../../functions/platform/secrets.ts';
import { type Grant, sealGrant } from './blob-links.ts';
import { storeUpload, type Upload } from './blob-upload.ts';
import { isMissing, syncToDisk } from './files.ts';

export interface BlobsOptions {
  /** Folder of the files; made if need be. */
  readonly folder: string;
  /** Address of the gateway as people reach it, without trailing slash: links begin with it. */
  readonly publicUrl: string;
  readonly clock: Clock;
  /** Secret of the links, in its valid versions. */
  readonly linkSecret: () => Promise<SecretVersions>;
  /** How long links are good, default and at most 300. */
  readonly linkSeconds?: number;
}
export interface LocalBlobs extends Blobs {
  /** Takes a file in: refused with another size or when one is there; durable when it returns. */
  store(key: string, upload: Upload): Promise<BlobFacts>;
  /** The file as a stream, with its facts. */
  open(key: string): Promise<{ readonly facts: BlobFacts; readonly body: () => ReadableStream } | undefined>;
  readonly clock: Clock;
  readonly linkSecret: () => Promise<SecretVersions>;
}

const Facts = z.strictObject({ size: z.int(), contentType: z.string(), sha256: z.string() });
const MAX_LINK_SECONDS = 300;
/** A folder of uploads on their way; what a crash left there is removed at the next start. */
const INCOMING = '.incoming';

/** Files on disk: each key a folder `<key>.blob` with `content` and `facts.json`, moved into place as a whole. */
export function openBlobs(options: BlobsOptions): LocalBlobs {
  const { folder, clock, linkSecret } = options;
  const incoming = join(folder, INCOMING);
  mkdirSync(incoming, { recursive: true, mode: 0o700 });
  removeOld(incoming, clock.now());
  const placeOf = (key: string): string => join(folder, `${checkedBlobKey(key)}.blob`);
  const facts = async (key: string): Promise<BlobFacts | undefined> => {
    const text = await unlessMissing(readFile(join(placeOf(key), 'facts.json'), 'utf8'));
    return text === undefined ? undefined : Facts.parse(JSON.parse(text));
  };
  return {
    ...links(options),
    clock,
    linkSecret,
    facts,
    async read(key) {
      return unlessMissing(readFile(join(placeOf(key), 'content')));
    },
    store: (key, upload) => storeUpload({ place: placeOf(key), incoming: join(incoming, randomUUID()) }, upload),
    async open(key) {
      const found = await facts(key);
      const body = () => Readable.toWeb(createReadStream(join(placeOf(key), 'content'))) as ReadableStream;
      return found && { facts: found, body };
    },
    async remove(key) {
      const place = placeOf(key);
      const away = join(incoming, randomUUID());
      await mkdir(away);
      const moved = await unlessMissing(rename(place, join(away, 'gone')).then(() => true));
      if (moved) await syncToDisk(dirname(place));
      await rm(away, { recursive: true, force: true });
    },
  };
}

function links(options: BlobsOptions): Pick<Blobs, 'uploadLink' | 'downloadLink'> {
  const { publicUrl, clock, linkSecret, linkSeconds = MAX_LINK_SECONDS } = options;
  const expiry = (): number => clock.now().getTime() + Math.min(linkSeconds, MAX_LINK_SECONDS) * 1000;
  const urlOf = async (grant: Grant): Promise<string> =>
    `${publicUrl}/local/blobs/${sealGrant(grant, await linkSecret())}`;
  return {
    async uploadLink(key, { size, contentType }) {
      const expires = expiry();
      const url = await urlOf({ allows: 'put', key: checkedBlobKey(key), size, contentType, expires });
      const expiresAt = new Date(expires).toISOString();
      return { method: 'PUT', url, headers: { 'content-type': contentType }, expiresAt };
    },
    async downloadLink(key, fileName) {
      const expires = expiry();
      const url = await urlOf({ allows: 'get', key: checkedBlobKey(key), fileName: fileName.slice(0, 200), expires });
      return { url, expiresAt: new Date(expires).toISOString() };
    },
  };
}

/** Uploads end within the life of their link; an hour is far beyond. */
function removeOld(incoming: string, now: Date): void {
  for (const name of readdirSync(incoming)) {
    const path = join(incoming, name);
    if (statSync(path).mtimeMs < now.getTime() - 3_600_000) rmSync(path, { recursive: true, force: true });
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}
