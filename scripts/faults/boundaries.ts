import type { Key, Write } from '../../functions/platform/table.ts';

/** Where the process is to die: the n-th time it comes to a boundary of this name, or to any boundary. */
export type Kill = { readonly name: string; readonly nth: number } | { readonly nth: number };

/** Counts the boundaries a process comes to, and ends it at one of them: a real SIGKILL, nothing is cleaned up. */
export function killer(kill: Kill | undefined) {
  const seen: string[] = [];
  const times = new Map<string, number>();
  const come = (name: string): void => {
    seen.push(name);
    const count = (times.get(name) ?? 0) + 1;
    times.set(name, count);
    if (!kill) return;
    const isHere = 'name' in kill ? kill.name === name && kill.nth === count : kill.nth === seen.length;
    if (isHere) process.kill(process.pid, 'SIGKILL');
  };
  return {
    seen,
    /** The gateway's `boundary` hook. The engine's own writes are the table's too, so those count once. */
    boundary: (name: string, writes?: readonly Write[]): void => {
      const kinds = writes ? kindsOf(writes) : undefined;
      if (!writes && !name.endsWith(' write')) come(name);
      if (kinds !== undefined) come(`${name} ${kinds}`);
    },
  };
}

/** What a transaction is about, by its keys; undefined for the ready-made people, whom every start looks at. */
function kindsOf(writes: readonly Write[]): string | undefined {
  const kinds = new Set(writes.map(({ key }) => kindOf(key)));
  if (kinds.has('SUB') || kinds.has('TENANT') || kinds.has('USER')) return undefined;
  return [...kinds].sort().join('+');
}

const PARTITIONED = ['TEN', 'NUM', 'STAFF'];
function kindOf({ pk, sk }: Key): string {
  const [first = ''] = pk.split('#');
  return PARTITIONED.includes(first) ? (sk.split('#')[0] ?? '') : first;
}
