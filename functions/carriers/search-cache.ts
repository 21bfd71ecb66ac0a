import type { Clock } from '../platform/clock.ts';

interface Kept<T> {
  readonly at: number;
  readonly answer: Promise<T>;
  settled: boolean;
}

/**
 * Joins identical searches in flight and keeps their answer for `keepMs`; bounded. A cached number is a suggestion only: it
 * is checked again when it is held or bought (performance §4). An answer that `keep` refuses is not kept.
 */
export function searchCache<T>(
  clock: Clock,
  options: { readonly keepMs: number; readonly most: number; keep(answer: T): boolean },
) {
  const kept = new Map<string, Kept<T>>();
  return (key: string, ask: () => Promise<T>): Promise<T> => {
    const now = clock.now().getTime();
    const found = kept.get(key);
    if (found && (!found.settled || (now - found.at >= 0 && now - found.at < options.keepMs))) return found.answer;
    const entry: Kept<T> = { at: now, answer: ask(), settled: false };
    kept.delete(key);
    kept.set(key, entry);
    const oldest = kept.keys().next().value;
    if (kept.size > options.most && oldest !== undefined) kept.delete(oldest);
    const forget = () => kept.get(key) === entry && kept.delete(key);
    entry.answer.then(
      (answer) => {
        entry.settled = true;
        if (!options.keep(answer)) forget();
      },
      () => forget(),
    );
    return entry.answer;
  };
}
