import type { Metafile } from 'esbuild';

type Outputs = Metafile['outputs'];

/** The output of the entry point. Throws when there is none. */
export function entryOf({ outputs }: Metafile): string {
  const found = Object.entries(outputs).find(([, output]) => output.entryPoint?.endsWith('/handler.ts'));
  if (!found) throw new Error('the bundle has no handler');
  return found[0];
}

/** Outputs reached from one by imports that run at once; those of `import()` are left out. */
export function reachedAtOnce(outputs: Outputs, from: string, reached = new Set<string>()): ReadonlySet<string> {
  if (reached.has(from)) return reached;
  reached.add(from);
  for (const { kind, path } of outputs[from]?.imports ?? [])
    if (kind === 'import-statement' && outputs[path]) reachedAtOnce(outputs, path, reached);
  return reached;
}

/** Bytes, minified, that are read and parsed before the first event is served. */
export function loadedAtStart(metafile: Metafile): number {
  return bytesOf(metafile.outputs, reachedAtOnce(metafile.outputs, entryOf(metafile)));
}

/** Bytes that an `import()` of the file brings, beyond what was loaded at the start. */
export function loadedOnDemand(metafile: Metafile, sourceFile: string): number {
  const { outputs } = metafile;
  const chunk = Object.entries(outputs).find(([, output]) => output.entryPoint === sourceFile)?.[0];
  if (!chunk) throw new Error(`${sourceFile} has no chunk of its own`);
  const already = reachedAtOnce(outputs, entryOf(metafile));
  return bytesOf(outputs, new Set([...reachedAtOnce(outputs, chunk)].filter((path) => !already.has(path))));
}

/** Source files that ended up in what is loaded at the start. */
export function filesAtStart(metafile: Metafile): readonly string[] {
  const { outputs } = metafile;
  return [...reachedAtOnce(outputs, entryOf(metafile))].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
}

const bytesOf = (outputs: Outputs, paths: ReadonlySet<string>): number =>
  [...paths].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);

/** Source files that ended up anywhere in the bundle. */
export function allFiles({ outputs }: Metafile): readonly string[] {
  return Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
}
