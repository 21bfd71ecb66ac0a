import { builtinModules } from 'node:module';
import type { OnLoadResult, Plugin } from 'esbuild';

const NAME = /^[A-Za-z_$][\w$]*$/;

/**
 * Built-in modules by `process.getBuiltinModule` instead of an import: naming `node:http` in an ES module evaluates lazy
 * exports that load the fetch, TLS and stream stacks (performance §3 rule 4). Works for dependencies' `require` as well.
 */
export function builtIns(): Plugin {
  const names = new Set(builtinModules);
  return {
    name: 'built-ins',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
        const bare = path.replace(/^node:/, '');
        const namespace = kind === 'require-call' ? 'built-in-required' : 'built-in';
        return path.startsWith('node:') || names.has(bare) ? { path: bare, namespace } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: 'built-in' }, ({ path }) => imported(path));
      build.onLoad({ filter: /.*/, namespace: 'built-in-required' }, ({ path }) => ({
        contents: `module.exports = ${moduleOf(path)};`,
        loader: 'js',
      }));
    },
  };
}

/** Each export by itself, so that only those used are read: copying all of them takes longer than loading a small module. */
function imported(path: string): OnLoadResult {
  const all = Object.keys(process.getBuiltinModule(path) ?? {});
  const named = all
    .filter((name) => NAME.test(name) && name !== 'default')
    .map((name, at) => `const n${at} = /* @__PURE__ */ read('${name}'); export { n${at} as ${name} };`);
  const contents = [
    `const whole = ${moduleOf(path)}; export default whole;`,
    'const read = (name) => whole[name];',
    ...named,
  ];
  return { contents: contents.join('\n'), loader: 'js' };
}

const moduleOf = (path: string): string => `process.getBuiltinModule(${JSON.stringify(`node:${path}`)})`;
