import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replaced } from '../../scripts/build/replaced.ts';

const folder = mkdtempSync(join(tmpdir(), 'build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function made(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of ['handler.mjs', 'chunk.mjs']) writeFileSync(join(path, file), text);
  return path;
}
const read = (path: string): readonly string[] =>
  readdirSync(path).map((file) => readFileSync(join(path, file), 'utf8'));

describe('a finished build', () => {
  it('takes the place of the former one, whole', async () => {
    const place = made('place', 'former');
    writeFileSync(join(place, 'left-over.mjs'), 'former');

    await replaced(made('new', 'newer'), place);

    expect(read(place)).toEqual(['newer', 'newer']);
    expect(readdirSync(folder)).toEqual(['place']);
  });
  it('is put where nothing was', async () => {
    const place = join(folder, 'nothing-yet');

    await replaced(made('first', 'first'), place);

    expect(read(place)).toEqual(['first', 'first']);
  });
  it('leaves the files of one with the same bytes alone: somebody may be reading them', async () => {
    const place = made('read', 'same');
    const before = statSync(join(place, 'handler.mjs')).ino;

    await replaced(made('twin', 'same'), place);

    expect(statSync(join(place, 'handler.mjs')).ino).toBe(before);
    expect(readdirSync(folder)).not.toContain('twin');
  });
  it('is one of several that end at the same moment, whole, and nothing of the others is left', async () => {
    const place = made('wanted', 'former');
    const texts = Array.from({ length: 20 }, (_, at) => `build ${at}`);

    await Promise.all(texts.map((text, at) => replaced(made(`at-once-${at}`, text), place)));

    const [one, other, ...more] = read(place);
    expect(texts).toContain(one);
    expect([other, more]).toEqual([one, []]);
    expect(readdirSync(folder).filter((name) => name.startsWith('at-once'))).toEqual([]);
  });
});
