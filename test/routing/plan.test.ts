import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AskedFor, holdPlan, type NextAddress, planFor } from '../../functions/routing/plan.ts';
import { targetsOf } from '../../functions/routing/resolve.ts';
import { RouteEntry } from '../../functions/routing/schema.ts';

type Input = (typeof RouteEntry)['_zod']['input'];
type Target = NonNullable<Input['target']>;

const NUMBER = '+441223555010';
const pam: Target = {
  type: 'extension',
  id: 'ext_1',
  name: 'Pam',
  sipUri: 'sip:100@pbx.example.com',
  timeoutSeconds: 20,
};
const mobile: Target = { type: 'forward', number: '+447700900555', timeoutSeconds: 25 };
const support: Target = { type: 'queue', id: 'que_7', name: 'support', timeoutSeconds: 60 };
const closed: Target = { type: 'announce', text: 'We are closed.', language: 'en-GB' };
const box: Target = { type: 'voicemail', name: 'Pam', prompt: 'Speak.', maxSeconds: 90 };
const sorry: Target = { type: 'announce', text: 'Nobody is here.' };

const entry = (changes: Partial<Input>): RouteEntry =>
  RouteEntry.parse({
    number: NUMBER,
    carrier: 'twilio',
    tenantId: 'ten_01k0000000000000000000000a',
    numberId: 'num_01k0000000000000000000000a',
    state: 'active',
    ownership: 'private',
    fallback: sorry,
    version: 3,
    ...changes,
  });
const next: NextAddress = (place, version) =>
  `next-${typeof place === 'object' ? `hold${place.hold}` : place}-v${version}`;
const plan = (changes: Partial<Input>, asked: AskedFor = { place: 0 }) => planFor(entry(changes), asked, next).steps;

describe('the plan of a call', () => {
  it.each([
    ['extension (S3-6)', pam, [{ do: 'dial', to: { sip: pam.sipUri }, timeoutSeconds: 20, next: 'next-1-v3' }]],
    [
      'queue (S3-6)',
      support,
      [{ do: 'queue', name: 'que_7', waitSeconds: 60, hold: 'next-hold60-v3', next: 'next-1-v3' }],
    ],
    [
      'forward (S3-7)',
      mobile,
      [{ do: 'dial', to: { number: mobile.number }, timeoutSeconds: 25, callerId: NUMBER, next: 'next-1-v3' }],
    ],
    ['announcement', closed, [{ do: 'say', text: 'We are closed.', language: 'en-GB' }, { do: 'hangup' }]],
    [
      'voicemail',
      box,
      [{ do: 'say', text: 'Speak.' }, { do: 'record', maxSeconds: 90, next: 'next-recorded-v3' }, { do: 'hangup' }],
    ],
  ] as const)('of a number that rings %s', (_, target, steps) => {
    expect(plan({ target })).toEqual(steps);
  });

  it('S2-18: of a number routed to nobody, or to an empty flow, is the tenant’s fallback', () => {
    const fallback = [{ do: 'say', text: 'Nobody is here.' }, { do: 'hangup' }];

    expect(plan({})).toEqual(fallback);
    expect(plan({ flow: [] })).toEqual(fallback);
  });

  it('goes through a flow step by step, announcements on the way, and ends with the fallback', () => {
    const flow = [closed, pam, sorry, mobile];

    expect(plan({ flow }).map((step) => step.do)).toEqual(['say', 'dial']);
    expect(plan({ flow }, { place: 2, version: 3, lastStep: 'no_answer' }).map((step) => step.do)).toEqual([
      'say',
      'dial',
    ]);
    expect(plan({ flow }, { place: 4, version: 3, lastStep: 'busy' })).toEqual([
      { do: 'say', text: 'Nobody is here.' },
      { do: 'hangup' },
    ]);
  });

  it('hangs up after a step that was answered, or whose caller left', () => {
    for (const lastStep of ['completed', 'cancelled']) {
      expect(plan({ target: pam }, { place: 1, version: 3, lastStep })).toEqual([{ do: 'hangup' }]);
    }
  });

  it('apologises rather than fall silent: after the last of all targets, and without any', () => {
    const fallback = { ...mobile, number: NUMBER };

    expect(plan({ fallback: pam }, { place: 1, version: 3, lastStep: 'no_answer' })[0]).toMatchObject({ do: 'say' });
    expect(plan({ fallback })[0]).toMatchObject({ do: 'say' });
  });

  it('goes to the fallback when the places were counted in another version', () => {
    expect(plan({ flow: [pam, mobile], version: 4 }, { place: 1, version: 3 })).toEqual([
      { do: 'say', text: 'Nobody is here.' },
      { do: 'hangup' },
    ]);
  });

  it('S2-18: goes on behind a fallback that is a queue, and into that queue when the version changed', () => {
    const all: Target = { ...support, id: 'que_8' };
    const queued = { target: pam, fallback: all, afterFallback: [mobile, sorry] };
    const at = (place: number, version: number) => plan(queued, { place, version, lastStep: 'no_answer' })[0];

    expect(targetsOf(entry(queued))).toEqual([pam, all, mobile, sorry]);
    expect([at(1, 3), at(2, 3), at(3, 3)]).toMatchObject([
      { name: 'que_8' },
      { do: 'dial' },
      { text: 'Nobody is here.' },
    ]);
    expect([at(1, 2), at(3, 2)]).toMatchObject([{ name: 'que_8' }, { name: 'que_8' }]);
    expect(targetsOf(entry({ ...queued, afterFallback: [{ ...mobile, number: NUMBER }] }))).toEqual([pam, all]);
    expect(targetsOf(entry({ ...queued, target: closed }))).toEqual([closed]);
  });

  it('A6: never forwards a number to itself', () => {
    const circle = { ...mobile, number: NUMBER };

    expect(targetsOf(entry({ flow: [circle, pam, circle], fallback: circle }))).toEqual([pam]);
    expect(plan({ target: circle })).toEqual([{ do: 'say', text: 'Nobody is here.' }, { do: 'hangup' }]);
  });

  it('takes no message where no address for it can be made, and rings without one', () => {
    const none = () => undefined;

    expect(planFor(entry({ target: box }), { place: 0 }, none).steps[0]).toMatchObject({ do: 'say' });
    expect(planFor(entry({ target: box }), { place: 0 }, none).steps.some((step) => step.do === 'record')).toBe(false);
    expect(planFor(entry({ target: pam }), { place: 0 }, none).steps).toEqual([
      { do: 'dial', to: { sip: pam.sipUri }, timeoutSeconds: 20 },
    ]);
  });

  it('S0-33: whoever waits in a queue hears a word each half minute, and leaves it when the time is over', async () => {
    const spoken = 4;
    const lasts = (seconds: number): number =>
      holdPlan(seconds).steps.reduce(
        (sum, step) => sum + (step.do === 'pause' ? step.seconds : step.do === 'say' ? spoken : 0),
        0,
      );

    expect(holdPlan(65).steps).toEqual([
      { do: 'say', text: 'Please hold. Your call will be taken as soon as possible.' },
      { do: 'pause', seconds: 26 },
      { do: 'say', text: 'Thank you for holding. Your call will be taken as soon as possible.' },
      { do: 'pause', seconds: 26 },
      { do: 'say', text: 'Thank you for holding. Your call will be taken as soon as possible.' },
      { do: 'pause', seconds: 1 },
      { do: 'leave' },
    ]);
    await fc.assert(
      fc.property(fc.integer({ min: 5, max: 3600 }), (seconds) => {
        const { steps } = holdPlan(seconds);
        expect([steps[0]?.do, steps.at(-1)]).toEqual(['say', { do: 'leave' }]);
        expect(lasts(seconds) - seconds).toBeGreaterThanOrEqual(0);
        expect(lasts(seconds) - seconds).toBeLessThan(spoken);
      }),
    );
  });

  it('V2: holds nothing of the tenant unless the number is active', () => {
    const unknown = planFor(undefined, { place: 0 }, next);

    for (const state of ['suspended', 'released', 'quarantined'] as const) {
      for (const asked of [{ place: 0 }, { place: 1, version: 3 }, { place: 'recorded' as const, version: 3 }]) {
        expect(planFor(entry({ target: pam, state }), asked, next)).toEqual(unknown);
      }
    }
    expect(unknown.steps.map((step) => step.do)).toEqual(['say', 'hangup']);
  });

  it('I6: always says, rings or ends something, wherever a call stands', async () => {
    const target = fc.constantFrom<Target>(pam, mobile, support, closed, box, { ...mobile, number: NUMBER });
    const asked = fc.record(
      {
        place: fc.oneof(fc.nat(9), fc.constant('recorded' as const)),
        version: fc.constantFrom(2, 3),
        lastStep: fc.constantFrom('completed', 'busy', 'no_answer', 'failed', 'cancelled', 'odd'),
      },
      { requiredKeys: ['place'] },
    );

    await fc.assert(
      fc.property(fc.array(target, { maxLength: 4 }), target, asked, (flow, fallback, where) => {
        const steps = plan({ flow, fallback }, where);
        expect(steps.length).toBeGreaterThan(0);
        expect(['dial', 'queue', 'hangup']).toContain(steps.at(-1)?.do);
      }),
      { numRuns: 2_000 },
    );
  });
});
