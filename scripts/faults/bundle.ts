import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** Files find their data beside themselves, wherever the bundle lies. */
const inPlace: Plugin = {
  name: 'in-place',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](functions|local|statemachines)[\\/].*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};

/**
 * The process that is killed, in one piece, so that each of thousands begins in a fifth of a second.
 * @returns the program, and the folder to be removed in the end
 */
export async function bundleChild(): Promise<{ readonly program: string; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'numbergate-faults-'));
  await build({
    entryPoints: [fileURLToPath(new URL('./child.ts', import.meta.url))],
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [inPlace],
    logLevel: 'error',
  });
  return { program: join(folder, 'child.mjs'), folder };
}
