import { createHash } from 'node:crypto';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Conflict, InvalidInput } from '../../functions/domain/errors.ts';
import type { BlobFacts } from '../../functions/platform/blobs.ts';
import { syncToDisk } from './files.ts';

export interface Upload {
  readonly size: number;
  readonly contentType: string;
  readonly body: AsyncIterable<Uint8Array>;
}
interface Places {
  /** Folder the file ends up in. */
  readonly place: string;
  /** Folder of its own while it is on its way. */
  readonly incoming: string;
}

/**
 * Takes a file in under a temporary name and moves it into place once it is whole and on disk (R3, R7).
 * Throws `Conflict` `already_uploaded`, `InvalidInput` `file_too_large` or `file_size_mismatch`; then nothing is left.
 */
export async function storeUpload({ place, incoming }: Places, upload: Upload): Promise<BlobFacts> {
  if (await exists(place)) throw taken();
  await mkdir(incoming, { recursive: true });
  try {
    const sha256 = await writeContent(join(incoming, 'content'), upload);
    const facts = { size: upload.size, contentType: upload.contentType, sha256 };
    await writeDurably(join(incoming, 'facts.json'), JSON.stringify(facts));
    await syncToDisk(incoming);
    await mkdir(dirname(place), { recursive: true });
    await moveInto(place, incoming);
    await syncToDisk(dirname(place));
    return facts;
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

/** Stops reading at the first byte too many. */
async function writeContent(path: string, { body, size }: Upload): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  let taken = 0;
  try {
    for await (const chunk of body) {
      taken += chunk.byteLength;
      if (taken > size) throw wrongSize('file_too_large', `The file is larger than the ${size} bytes announced.`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    if (taken < size) throw wrongSize('file_size_mismatch', `The file has ${taken} of the ${size} bytes announced.`);
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A folder does not replace one that holds files: of two uploads at once exactly one wins. */
async function moveInto(place: string, incoming: string): Promise<void> {
  try {
    await rename(incoming, place);
  } catch (cause) {
    if (await exists(place)) throw taken(cause);
    throw cause;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function taken(cause?: unknown): Conflict {
  return new Conflict({ code: 'already_uploaded', detail: 'The file was uploaded already.', cause });
}

function wrongSize(code: string, detail: string): InvalidInput {
  return new InvalidInput({ code, detail });
}
