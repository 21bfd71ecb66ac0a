import type { JsonObject, Key, Stored, Write } from '../../../functions/platform/table.ts';
import type { Frame } from './frame.ts';
import { parentOf, ROOT } from './frame.ts';

/**
 * A frame lies in one item, or, when it carries much data, as text in several: no item may be over 400 KB.
 * A character takes at most 3 bytes, and quotes are escaped once more.
 */
const CHARACTERS_AN_ITEM = 120_000;
const PREFIX = 'F#';

const keyOf = (pk: string, path: string, part: number): Key => ({ pk, sk: `${PREFIX}${path}#${part}` });
const partsOf = (text: string): number => Math.ceil(text.length / CHARACTERS_AN_ITEM);

/** The writes that bring the stored frame from `before` to `after`. */
export function frameWrites(pk: string, before: Frame | undefined, after: Frame, expiresAt: number): Write[] {
  const text = JSON.stringify(after);
  const parts = partsOf(text);
  const data = (part: number): JsonObject =>
    parts === 1
      ? { frame: after as unknown as JsonObject }
      : { text: text.slice(part * CHARACTERS_AN_ITEM, (part + 1) * CHARACTERS_AN_ITEM) };
  const puts = Array.from({ length: parts }, (_, part) => part).map(
    (part): Write => ({ op: 'put', key: keyOf(pk, after.path, part), data: data(part), expiresAt }),
  );
  const surplus = before ? frameKeys(pk, before).slice(parts) : [];
  return [...puts, ...surplus.map((key): Write => ({ op: 'delete', key }))];
}

/** The keys of the items in which a frame lies. */
export function frameKeys(pk: string, frame: Frame): Key[] {
  const parts = partsOf(JSON.stringify(frame));
  return Array.from({ length: parts }, (_, part) => keyOf(pk, frame.path, part));
}

export const framesOf = (pk: string) => ({ pk, prefix: PREFIX });

/**
 * Puts frames together again. Those that no living frame leads to are left-overs of a removal: of each its keys, which
 * have to go in one write, since half a frame cannot be read.
 */
export function readFrames(items: readonly Stored[]): { frames: Map<string, Frame>; leftOver: Key[][] } {
  const byPath = Map.groupBy(items, ({ key }) => key.sk.slice(PREFIX.length, key.sk.lastIndexOf('#')));
  const all = new Map([...byPath].map(([path, parts]) => [path, joined(parts)]));
  const frames = new Map([...all].filter(([path]) => isReachable(path, all)));
  const leftOver = [...byPath].filter(([path]) => !frames.has(path));
  return { frames, leftOver: leftOver.map(([, parts]) => parts.map(({ key }) => key)) };
}

function joined(parts: readonly Stored[]): Frame {
  const whole = parts[0]?.data['frame'];
  if (whole !== undefined && parts.length === 1) return whole as unknown as Frame;
  const numbered = parts.map(({ key, data }) => ({ at: Number(key.sk.slice(key.sk.lastIndexOf('#') + 1)), data }));
  const texts = numbered.sort((a, b) => a.at - b.at).map(({ data }) => String(data['text']));
  return JSON.parse(texts.join('')) as Frame;
}

function isReachable(path: string, all: ReadonlyMap<string, Frame>): boolean {
  if (path === ROOT) return true;
  const above = parentOf(path);
  const parent = above === undefined ? undefined : all.get(above);
  if (parent?.phase.kind !== 'children') return false;
  const generation = path.slice(path.lastIndexOf('.') + 1, path.lastIndexOf('-'));
  return String(parent.phase.generation) === generation && isReachable(parent.path, all);
}
