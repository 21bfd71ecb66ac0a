import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction, FUNCTION_NAMES, type FunctionName } from '../../scripts/build/function-bundle.ts';
import { allFiles, filesAtStart, loadedAtStart, loadedOnDemand } from '../../scripts/build/sizes.ts';

const KIB = 1024;
const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
const metas = new Map<FunctionName, Metafile>();

beforeAll(async () => {
  for (const name of FUNCTION_NAMES) metas.set(name, await bundleFunction(root, name, join(folder, name)));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function metaOf(name: FunctionName): Metafile {
  const found = metas.get(name);
  if (!found) throw new Error(`no bundle of ${name}`);
  return found;
}
/** Packages by what begins with their name: `@aws-sdk/client-s3`. */
const packagesIn = (files: readonly string[]): ReadonlySet<string> =>
  new Set(
    files.flatMap((file) => {
      const [, rest] = file.split(/node_modules\/(?!.*node_modules\/)/);
      return rest ? [rest.split('/', rest.startsWith('@') ? 2 : 1).join('/')] : [];
    }),
  );
const clientsIn = (files: readonly string[]): readonly string[] =>
  [...packagesIn(files)].filter((name) => name.startsWith('@aws-sdk/client-')).toSorted();
const digest = (of: string): string =>
  readdirSync(of)
    .toSorted()
    .map(
      (file) =>
        `${file} ${createHash('sha256')
          .update(readFileSync(join(of, file)))
          .digest('hex')}`,
    )
    .join('\n');

const SDKS = ['twilio', 'telnyx', '@vonage/server-sdk'];

describe('bundle of inbound', () => {
  it('stays within 80 KiB', () => {
    expect(loadedAtStart(metaOf('inbound')) / KIB).toBeLessThanOrEqual(80);
  });

  it('has no chunk that is loaded later: a call must not wait for one', () => {
    const later = Object.values(metaOf('inbound').outputs).flatMap((output) =>
      output.imports.filter((one) => one.kind === 'dynamic-import'),
    );

    expect(later).toEqual([]);
  });

  it('carries nothing but the maker of ids: no AWS SDK, no carrier SDK, no framework, no schema library', () => {
    expect([...packagesIn(allFiles(metaOf('inbound')))]).toEqual(['ulid']);
  });
});

describe('bundle of the api', () => {
  it('loads at most 800 KiB at the start', () => {
    expect(loadedAtStart(metaOf('api')) / KIB).toBeLessThanOrEqual(800);
  });

  it('starts without the clients most calls do without', () => {
    expect(clientsIn(filesAtStart(metaOf('api')))).toEqual([
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-secrets-manager',
    ]);
  });
});

describe('bundle of the carriers function', () => {
  it.each([
    ['twilio', ['functions/carriers/twilio/adapter.ts', 'functions/carriers/twilio/sdk.ts']],
    ['telnyx', ['functions/carriers/telnyx/adapter.ts', 'node_modules/telnyx/index.mjs']],
    ['vonage', ['functions/carriers/vonage/adapter.ts', 'node_modules/@vonage/server-sdk/dist/esm/index.mjs']],
  ])('loads at most 300 KiB more for %s, and not before it is used', (_, chunks) => {
    const more = chunks.map((file) => loadedOnDemand(metaOf('carriers'), file));

    expect(Math.min(...more)).toBeGreaterThan(0);
    expect(more.reduce((sum, bytes) => sum + bytes, 0) / KIB).toBeLessThanOrEqual(300);
  });

  it('starts without any SDK of a carrier', () => {
    const atStart = packagesIn(filesAtStart(metaOf('carriers')));

    expect(SDKS.filter((name) => atStart.has(name))).toEqual([]);
  });

  it('has the SDKs in no other function', () => {
    const elsewhere = FUNCTION_NAMES.filter((name) => name !== 'carriers').flatMap((name) =>
      SDKS.filter((sdk) => packagesIn(allFiles(metaOf(name))).has(sdk)),
    );

    expect(elsewhere).toEqual([]);
  });
});

describe('bundles', () => {
  it('carry only the clients of services their function may use', () => {
    const clients = Object.fromEntries(FUNCTION_NAMES.map((name) => [name, clientsIn(allFiles(metaOf(name)))]));
    const of = (...names: readonly string[]) => names.map((name) => `@aws-sdk/client-${name}`);

    expect(clients).toEqual({
      api: of('dynamodb', 's3', 'secrets-manager', 'sfn'),
      carriers: of('dynamodb', 's3', 'secrets-manager'),
      requests: of('dynamodb'),
      inbound: [],
      jobs: of('dynamodb', 's3', 'ses', 'sfn', 'sqs'),
    });
  });

  it('name no built-in module in an import, which would load the whole HTTP stack', () => {
    for (const name of FUNCTION_NAMES) {
      const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.mjs'));
      const named = files.filter((file) => /\bfrom\s*["']node:|import\s*["']node:/.test(textOf(name, file)));

      expect(named, name).toEqual([]);
    }
  });

  it('do not look for credentials in files, metadata servers or single sign-on', () => {
    const found = FUNCTION_NAMES.flatMap((name) =>
      [...packagesIn(allFiles(metaOf(name)))].filter((one) => /credential-provider|token-providers/.test(one)),
    );

    expect(found).toEqual([]);
  });

  it('are the same bytes from the same source', async () => {
    await bundleFunction(root, 'carriers', join(folder, 'again'));

    expect(digest(join(folder, 'again'))).toBe(digest(join(folder, 'carriers')));
  });
});

const textOf = (name: string, file: string): string => readFileSync(join(folder, name, file), 'utf8');
