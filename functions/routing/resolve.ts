import type { ResolvedTarget, RouteEntry } from './schema.ts';

/**
 * Everything a call to this number tries, in order. The tenant's fallback comes last (S2-18), unless the list already
 * ends the call by itself. A forward to the number itself is left out: it would ring in a circle (A6, refused when set
 * and again when used).
 */
export function targetsOf(entry: RouteEntry): readonly ResolvedTarget[] {
  const wanted = (entry.flow ?? (entry.target ? [entry.target] : [])).filter((target) => !isCircle(entry, target));
  const ending = wanted.at(-1)?.type;
  if (ending === 'announce' || ending === 'voicemail') return wanted;
  return isCircle(entry, entry.fallback) ? wanted : [...wanted, entry.fallback];
}

const isCircle = (entry: RouteEntry, target: ResolvedTarget): boolean =>
  target.type === 'forward' && target.number === entry.number;
