import { onceReady } from './once-ready.ts';

/**
 * A part of the platform that is loaded with its first use: all its methods are asynchronous, so nobody notices. Keeps
 * clients that most calls do without out of the start (performance §3).
 */
export function lazyPart<Part extends object>(load: () => Promise<Part>): Part {
  const ready = onceReady(load);
  return new Proxy({} as Part, {
    get: (_, member) =>
      member === 'then' ? undefined : async (...given: unknown[]) => use(await ready(), member, given),
  });
}

function use(part: object, member: string | symbol, given: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(part, member);
  if (typeof method !== 'function') throw new TypeError(`there is no ${String(member)}`);
  return Reflect.apply(method, part, given);
}
