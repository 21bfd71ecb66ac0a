import type { ResolvedTarget, RouteEntry } from './schema.ts';

/**
 * Everything a call to this number tries, in order. The tenant's fallback comes last (S2-18), a queue's overflow behind
 * it, unless the list already ends the call by itself. A forward to the number itself is left out: it would ring in a circle (A6, refused when set
 * and again when used).
 */
export function targetsOf(entry: RouteEntry): readonly ResolvedTarget[] {
  const wanted = wantedOf(entry);
  return endsItself(wanted) ? wanted : [...wanted, ...fallbackOf(entry)];
}

/** Place among them of the fallback, or of what stands in its stead: the last. */
export function fallbackPlace(entry: RouteEntry): number {
  const wanted = wantedOf(entry);
  return endsItself(wanted) || fallbackOf(entry).length === 0 ? wanted.length - 1 : wanted.length;
}

const wantedOf = (entry: RouteEntry): readonly ResolvedTarget[] =>
  withoutCircles(entry, entry.flow ?? (entry.target ? [entry.target] : []));

const fallbackOf = (entry: RouteEntry): readonly ResolvedTarget[] =>
  withoutCircles(entry, [entry.fallback, ...(entry.afterFallback ?? [])]);

function endsItself(targets: readonly ResolvedTarget[]): boolean {
  const ending = targets.at(-1)?.type;
  return ending === 'announce' || ending === 'voicemail';
}

const withoutCircles = (entry: RouteEntry, targets: readonly ResolvedTarget[]): readonly ResolvedTarget[] =>
  targets.filter((target) => !isCircle(entry, target));

const isCircle = (entry: RouteEntry, target: ResolvedTarget): boolean =>
  target.type === 'forward' && target.number === entry.number;
