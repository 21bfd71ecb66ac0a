import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { builtIns } from './built-ins.ts';
import { environmentCredentials } from './environment-credentials.ts';
import { numberingPlan } from './numbering-plan.ts';

/** The functions of this gateway, each with a `functions/<name>/handler.ts` that exports `handler`. */
export const FUNCTION_NAMES = ['api', 'carriers', 'requests', 'inbound', 'jobs'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/**
 * Bundles one function: ES modules with splitting, so that a carrier's SDK lies in a chunk of its own; minified, no source
 * map in the folder that is deployed. The same source gives the same bytes.
 * @param to folder of the result: `<to>/handler.mjs` and its chunks; what lay there is removed
 */
export async function bundleFunction(root: string, name: FunctionName, to: string): Promise<Metafile> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { handler: join('functions', name, 'handler.ts') },
    outdir: to,
    outExtension: { '.js': '.mjs' },
    // Flat: the numbering plan is found beside whatever chunk reads it.
    chunkNames: '[name]-[hash]',
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    splitting: true,
    minify: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    metafile: true,
    logLevel: 'warning',
    plugins: [builtIns(), environmentCredentials(), numberingPlan(to)],
  });
  return metafile;
}
