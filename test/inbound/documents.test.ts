import { build } from 'esbuild';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLER, entry, house, NUMBER, route } from './house.ts';
import { readXml } from './markup.ts';
import { CARRIERS, incoming } from './signed.ts';

/** Texts with everything that breaks documents: markup, controls, halves of characters, other scripts. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    ']]>',
    '</Say><Dial>+1</Dial>',
    '"/><Hangup/>',
    '&amp;&#0;&bogus;',
    '<!--',
    '\u0000\u0008\ufffe',
    '"}],[{"',
    '\ud800',
    '',
  ),
);
const seconds = fc.integer({ min: 1, max: 600 });
const target = fc.oneof(
  fc.record({
    type: fc.constant('extension' as const),
    id: hostile,
    name: hostile,
    sipUri: hostile,
    timeoutSeconds: seconds,
  }),
  fc.record({ type: fc.constant('queue' as const), id: hostile, name: hostile, timeoutSeconds: seconds }),
  fc.record({
    type: fc.constant('voicemail' as const),
    id: hostile,
    name: hostile,
    prompt: hostile,
    maxSeconds: seconds,
  }),
  fc.record({ type: fc.constant('announce' as const), text: hostile, language: hostile }),
);

describe('V8: whatever the texts of a target hold', () => {
  it.each(CARRIERS)('%s gets a well-formed document with status 200', async (carrier) => {
    const { inbound, table, clock } = house();
    await fc.assert(
      fc.asyncProperty(target, target, async (wanted, fallback) => {
        await route(table, entry({ carrier, target: wanted, fallback }));

        const reply = await inbound(incoming(carrier, { id: 'x', from: CALLER, to: NUMBER }, clock.now()));

        expect(reply.status).toBe(200);
        if (carrier === 'vonage') expect(JSON.parse(reply.body)).toBeInstanceOf(Array);
        else expect(readXml(reply.body).name).toBe('Response');
      }),
      { numRuns: 300 },
    );
  });

  it('the reader of these tests refuses what is not well-formed', () => {
    for (const bad of [
      '<a>',
      '<a></b>',
      '<a>&</a>',
      '<a b="<"/>',
      '<a b="1" b="2"/>',
      '<a>\u0001</a>',
      '<a/><b/>',
      '<a>]]></a>',
    ]) {
      expect(() => readXml(bad)).toThrow();
    }
    expect(readXml('<a b="&lt;"><c/>&amp;</a>')).toMatchObject({ name: 'a', attributes: { b: '<' } });
  });
});

describe('the bundle of inbound', () => {
  it('is at most 80 KiB with all dialects, without vendor client, schema library or numbering metadata', async () => {
    const contents = `export { inboundApp } from './functions/inbound/app.ts';
      export { inboundDialects } from './functions/inbound/dialects.ts';`;
    const made = await build({
      stdin: { contents, resolveDir: process.cwd() },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    const packages = Object.keys(made.metafile.inputs).flatMap(
      (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
    );

    expect(made.outputFiles[0]?.contents.length).toBeLessThanOrEqual(80 * 1024);
    expect(new Set(packages)).toEqual(new Set(['ulid']));
  });
});
