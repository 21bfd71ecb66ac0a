const KEY = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/;

/** Keys of files are made by us alone: one of another form is a bug (TypeError). */
export function checkedBlobKey(key: string): string {
  if (KEY.test(key) && key.length <= 200) return key;
  throw new TypeError('a file key has only A-Z a-z 0-9 _ - and / between parts');
}
