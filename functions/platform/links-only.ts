import { type Blobs, FilesOutOfSight } from './blobs.ts';

/** The files as a function has them whose role may sign links and remove, not look (reliability §6, Privileges). */
export function linksOnly(blobs: Blobs): Blobs {
  const outOfSight = (): Promise<never> => Promise.reject(new FilesOutOfSight('this function may not look at files'));
  return {
    uploadLink: (key, fixed) => blobs.uploadLink(key, fixed),
    downloadLink: (key, fileName) => blobs.downloadLink(key, fileName),
    remove: (key) => blobs.remove(key),
    read: outOfSight,
    facts: outOfSight,
  };
}
