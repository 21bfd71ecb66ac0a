import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const FILE = 'numbering-plan.json';

/**
 * The numbering plans' data (150 KB) as a file beside the bundle, read when the first number is parsed: most starts answer
 * without one. The library takes them as an object; this one has its members as getters.
 * @param to folder of the bundle, chunks included
 */
export function numberingPlan(to: string): Plugin {
  return {
    name: 'numbering-plan',
    setup(build) {
      build.onLoad({ filter: /libphonenumber-js[\\/]metadata\.max\.json\.js$/ }, async ({ path }) => {
        const { default: plan } = (await import(path)) as { readonly default: Readonly<Record<string, unknown>> };
        await writeFile(join(to, FILE), JSON.stringify(plan));
        return { contents: lazyObject(Object.keys(plan)), loader: 'js' };
      });
    },
  };
}

function lazyObject(members: readonly string[]): string {
  const getters = members.map((name) => `get ${name}() { return plan().${name}; }`);
  return `
let read;
const plan = () => (read ??= JSON.parse(
  process.getBuiltinModule('node:fs').readFileSync(new URL('./${FILE}', import.meta.url), 'utf8'),
));
export default { ${getters.join(', ')} };
`;
}
