import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleFunction, FUNCTION_NAMES } from './build/function-bundle.ts';
import { loadedAtStart } from './build/sizes.ts';

/** `npm run build`: dist/functions/<name>/handler.mjs with its chunks, and dist/meta/<name>.json, which says what is in them. */
const root = join(import.meta.dirname, '..');
await mkdir(join(root, 'dist', 'meta'), { recursive: true });
for (const name of FUNCTION_NAMES) {
  const metafile = await bundleFunction(root, name, join(root, 'dist', 'functions', name));
  await writeFile(join(root, 'dist', 'meta', `${name}.json`), `${JSON.stringify(metafile)}\n`);
  const kib = (loadedAtStart(metafile) / 1024).toFixed(0);
  process.stdout.write(`${name.padEnd(10)} ${kib.padStart(5)} KiB loaded at start\n`);
}
