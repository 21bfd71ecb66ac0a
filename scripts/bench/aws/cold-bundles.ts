import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { builtIns } from '../../build/built-ins.ts';
import { environmentCredentials } from '../../build/environment-credentials.ts';
import { bundleFunction } from '../../build/function-bundle.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** What a bundle of ES modules needs for packages that still `require`. */
const REQUIRE = [
  `import{createRequire as benchRequireOf}from'node:module';`,
  `import{fileURLToPath as benchPathOf}from'node:url';import{dirname as benchFolderOf}from'node:path';`,
  `const require=benchRequireOf(import.meta.url);`,
  `const __filename=benchPathOf(import.meta.url),__dirname=benchFolderOf(__filename);`,
].join('');
const COMMON: BuildOptions = {
  ...{ bundle: true, platform: 'node', target: 'node24', format: 'esm', minify: true, logLevel: 'error' },
  mainFields: ['module', 'main'],
};

/** Files of the programs whose start is compared. */
export interface ColdBundles {
  readonly runner: string;
  /** Answers without anything imported: what the process itself costs. */
  readonly empty: string;
  readonly inbound: string;
  /** The official clients, bundled as one does: minified ES modules with the SDK inside. */
  readonly official: string;
  /** The official clients, bundled by this project's own script. */
  readonly officialOurs: string;
  readonly obvious: string;
}

/** Bundles them all; inbound by the very script that makes what is deployed. */
export async function coldBundles(folder: string): Promise<ColdBundles> {
  await bundleFunction(ROOT, 'inbound', join(folder, 'inbound'));
  const make = async (name: string, file: URL, options: BuildOptions = {}): Promise<string> => {
    const outfile = join(folder, name, 'handler.mjs');
    await build({ ...COMMON, entryPoints: [fileURLToPath(file)], outfile, ...options });
    return outfile;
  };
  const official = new URL('./official-handler.ts', import.meta.url);
  const usual = { banner: { js: REQUIRE } };
  const empty = join(folder, 'empty', 'handler.mjs');
  await mkdir(join(folder, 'empty'), { recursive: true });
  await writeFile(empty, `export const handler = async () => ({ statusCode: 200, body: '' });\n`);
  return {
    empty,
    inbound: join(folder, 'inbound', 'handler.mjs'),
    runner: await make('runner', new URL('./cold-runner.ts', import.meta.url)),
    official: await make('official', official, usual),
    officialOurs: await make('official-ours', official, {
      plugins: [builtIns(), environmentCredentials()],
    }),
    obvious: await make('obvious', new URL('./obvious-handler.ts', import.meta.url), usual),
  };
}
