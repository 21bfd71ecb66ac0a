import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Built-in modules by `process.getBuiltinModule` instead of an import: naming `node:http` in an ES module evaluates lazy
 * exports that load the fetch, TLS and stream stacks (performance §3 rule 4). Works for dependencies' `require` as well.
 */
export function builtIns(): Plugin {
  const names = new Set(builtinModules);
  return {
    name: 'built-ins',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path }) => {
        const bare = path.replace(/^node:/, '');
        return path.startsWith('node:') || names.has(bare) ? { path: bare, namespace: 'built-in' } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: 'built-in' }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)});`,
        loader: 'js',
      }));
    },
  };
}
