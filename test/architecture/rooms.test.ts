import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MANIFESTS } from '../../functions/carriers/registry.ts';

const root = new URL('../../', import.meta.url);
const at = (path: string) => new URL(path, root);
const sources = (folder: string): string[] =>
  readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? sources(`${folder}/${entry.name}`)
      : entry.name.endsWith('.ts')
        ? [`${folder}/${entry.name}`]
        : [],
  );
const text = (path: string): string => readFileSync(at(path), 'utf8');

/** Entities and the room that alone may write them (house style §2: only the owner writes a record). */
const OWNERS = {
  requests: 'requests',
  tickets: 'requests',
  numbers: 'numbers',
  tenants: 'tenants',
  users: 'tenants',
  extensions: 'tenants',
  queues: 'tenants',
  callFlows: 'tenants',
  documents: 'compliance',
  endUsers: 'compliance',
  bundles: 'compliance',
} as const;

describe('architecture of the rooms', () => {
  it.each(Object.entries(OWNERS))('only the owner writes %s', (entity, room) => {
    const writes = new RegExp(`\\b${entity}\\s*\\.(create|replace)\\(`);

    const declares = new RegExp(`(const ${entity} = entity\\(|import [^;]*\\b${entity}\\b[^;]*store\\.ts')`);
    const writers = sources('functions').filter((path) => writes.test(text(path)) && declares.test(text(path)));

    expect(writers.length).toBeGreaterThan(0);
    expect(writers.filter((path) => !path.startsWith(`functions/${room}/`))).toEqual([]);
  });

  it('reads and writes the table only in stores, platform, and the rooms that hand writes together', () => {
    const keyMakers = sources('functions').filter((path) => /pk: `(?!TEN#\$\{scope|DUE#)/.test(text(path)));

    const strangers = keyMakers.filter((path) => !/store\.ts$|\/platform\/|inbox-store|records\.ts$/.test(path));

    expect(strangers).toEqual([]);
  });

  it.each(MANIFESTS.map((manifest) => manifest.id))(
    '%s has the files of a carrier, a simulator and a contract test',
    (id) => {
      const own = ['manifest', 'adapter', 'wire', 'errors', 'dialect'].map(
        (name) => `functions/carriers/${id}/${name}.ts`,
      );

      const missing = [...own, `local/carriers/${id}/simulator.ts`, `test/carriers/${id}.test.ts`].filter(
        (path) => !existsSync(at(path)),
      );

      expect(missing).toEqual([]);
      expect(text(`test/carriers/${id}.test.ts`)).toContain('carrierContract');
    },
  );

  it('names no unknown kind of file', () => {
    const banned = sources('functions').filter((path) =>
      /\/(utils?|helpers?|common|types|services?|misc)\.ts$/.test(path),
    );

    expect(banned).toEqual([]);
  });
});
