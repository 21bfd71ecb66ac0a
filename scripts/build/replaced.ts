import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Puts a finished folder in the place of another. One with the same bytes stays untouched, so that a second build of the same
 * source takes nothing from under somebody who reads the first; another one is moved away whole and then removed.
 * @param made the finished folder, on the same volume; it is gone afterwards
 */
export async function replaced(made: string, place: string): Promise<void> {
  if ((await bytesIn(place)) === (await bytesIn(made))) return rm(made, { recursive: true });
  const former = `${made}.${randomUUID()}`;
  try {
    await rename(place, former);
  } catch (error) {
    if (!isOneOf(error, 'ENOENT')) throw error;
  }
  try {
    await rename(made, place);
  } catch (error) {
    // Another build was quicker by this moment: what it put there is judged anew.
    if (!isOneOf(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await replaced(made, place);
  }
  await rm(former, { recursive: true, force: true });
}

/** Names and contents of a folder's files; undefined where it is not there, or goes while it is read. */
async function bytesIn(folder: string): Promise<string | undefined> {
  try {
    const names = (await readdir(folder)).toSorted();
    const contents = await Promise.all(names.map((name) => readFile(join(folder, name), 'base64')));
    return JSON.stringify(names.map((name, at) => [name, contents[at]]));
  } catch (error) {
    if (isOneOf(error, 'ENOENT')) return undefined;
    throw error;
  }
}

const isOneOf = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));
