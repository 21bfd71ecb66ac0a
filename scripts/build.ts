import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundleFunction, FUNCTION_NAMES } from './build/function-bundle.ts';
import { replaced } from './build/replaced.ts';
import { loadedAtStart } from './build/sizes.ts';

/**
 * `npm run build`: dist/functions/<name>/handler.mjs with its chunks, and dist/meta/<name>.json, which says what is in them. Made
 * aside and put in place when finished: two builds at once do not read each other's halves.
 */
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
for (const part of ['functions', 'meta']) await mkdir(join(dist, part), { recursive: true });
const aside = await mkdtemp(join(dist, 'making-'));
try {
  for (const name of FUNCTION_NAMES) {
    const metafile = await bundleFunction(root, name, join(aside, name));
    const meta = JSON.stringify(metafile).replaceAll(`${relative(root, aside)}/${name}`, `dist/functions/${name}`);
    await writeFile(join(aside, `${name}.json`), `${meta}\n`);
    await replaced(join(aside, name), join(dist, 'functions', name));
    await rename(join(aside, `${name}.json`), join(dist, 'meta', `${name}.json`));
    const kib = (loadedAtStart(metafile) / 1024).toFixed(0);
    process.stdout.write(`${name.padEnd(10)} ${kib.padStart(5)} KiB loaded at start\n`);
  }
} finally {
  await rm(aside, { recursive: true, force: true });
}
