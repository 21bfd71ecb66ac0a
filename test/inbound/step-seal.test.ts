import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { E164 } from '../../functions/domain/e164.ts';
import { openStep, type Step, sealedIn, sealStep } from '../../functions/inbound/step-seal.ts';

const NOW = new Date('2026-11-21T10:00:00.000Z');
const KEY = 'a-key-of-thirty-two-random-bytes-!';
const step: Step = { number: E164.parse('+441223555010'), place: 2, version: 17 };
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

describe('a sealed step', () => {
  it('opens to what was sealed', async () => {
    const number = fc.stringMatching(/^\+[1-9]\d{6,14}$/).map((text) => E164.parse(text));
    const hold = fc.record({ hold: fc.integer({ min: 5, max: 3600 }) }, { noNullPrototype: true });
    const place = fc.oneof(fc.integer({ min: 0, max: 999 }), fc.constant('recorded' as const), hold);
    const steps = fc.record({ number, place, version: fc.integer({ min: 0, max: 999_999_999 }) });

    await fc.assert(
      fc.property(steps, (one) => {
        const text = sealStep(one, 'voip-ms', KEY, NOW);
        expect(text).toMatch(/^[A-Za-z0-9._~-]+$/);
        expect(openStep(text, 'voip-ms', [KEY], NOW)).toEqual(one);
      }),
    );
  });

  it('opens as it was sealed before there were addresses to hear while waiting', () => {
    const [first, second] = [
      '441223555010.twilio.2.17.tov0g0.8glxOhC5-uZXbK7oHRYOPa',
      '441223555010.twilio.r.17.tov0g0.UV3D2EQH1dYxZX414x87TL',
    ];

    expect(openStep(first ?? '', 'twilio', [KEY], NOW)).toEqual(step);
    expect(openStep(second ?? '', 'twilio', [KEY], NOW)).toEqual({ ...step, place: 'recorded' });
  });

  it('opens for six hours, with either key of a rotation, and for its own carrier only', () => {
    const text = sealStep(step, 'twilio', KEY, NOW);

    expect(openStep(text, 'twilio', ['another', KEY], later(6 * 3600))).toEqual(step);
    expect(openStep(text, 'twilio', [KEY], later(6 * 3600 + 1))).toBeUndefined();
    expect(openStep(text, 'twilio', ['another'], NOW)).toBeUndefined();
    expect(openStep(text, 'twilio', [], NOW)).toBeUndefined();
    expect(openStep(text, 'telnyx', [KEY], NOW)).toBeUndefined();
  });

  it('does not open after any change of any character', async () => {
    const text = sealStep(step, 'twilio', KEY, NOW);
    const alphabet = fc.constantFrom(...'ABCXYZabcxyz0123456789-._~');

    await fc.assert(
      fc.property(fc.nat(text.length - 1), alphabet, (at, character) => {
        fc.pre(text[at] !== character);
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        expect(openStep(changed, 'twilio', [KEY], NOW)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('is found in a query as received', () => {
    expect(sealedIn('')).toBeUndefined();
    expect(sealedIn('a=1&cs=2')).toBeUndefined();
    expect(sealedIn('a=1&s=x.y')).toBe('x.y');
    expect(sealedIn('s=x&s=y')).toBe('');
  });
});
