import { describe, expect, it } from 'vitest';
import { E164 } from '../../functions/domain/e164.ts';
import { ExtensionId, QueueId } from '../../functions/domain/ids.ts';
import { forbiddenBecause, isConvertible } from '../../functions/numbers/assignment.ts';
import { malformedBecause } from '../../functions/numbers/assignment-schema.ts';
import { isBarred } from '../../functions/numbers/forward-store.ts';
import { isAssignable, periodEndsOn, routeStateOf, statusOf } from '../../functions/numbers/lifecycle.ts';
import { attentionMatches, rowMatches } from '../../functions/numbers/matching.ts';
import { Assignment, NumberState, Ownership } from '../../functions/numbers/schema.ts';
import type { NumberRow } from '../../functions/numbers/store.ts';
import { NumberStatus } from '../../functions/numbers/view-schema.ts';

const ext = { type: 'extension', id: ExtensionId.parse('ext_01k0000000000000000000000a') } as const;
const queue = { type: 'queue', id: QueueId.parse('que_01k0000000000000000000000a') } as const;
const flow = { type: 'call_flow', id: 'flw_01k0000000000000000000000a' } as const;

describe('the lifecycle', () => {
  it('S2-26: every state shows as one of the five statuses, or is not shown', () => {
    const shown = Object.fromEntries(NumberState.options.map((state) => [state, statusOf(state)]));

    expect(shown).toEqual({
      reserved: 'pending',
      pending: 'pending',
      awaiting_documents: 'pending',
      porting_in: 'pending',
      active: 'active',
      porting_out: 'active',
      past_due: 'past_due',
      suspended: 'past_due',
      canceling: 'canceling',
      releasing: 'canceling',
      released: 'released',
      ported_out: 'released',
      lost: 'released',
      failed: undefined,
      quarantined: undefined,
    });
    expect(new Set(Object.values(shown).filter((status) => status !== undefined))).toEqual(
      new Set(NumberStatus.options),
    );
  });

  it('S2-22, S2-27: what works is assignable, what is pending or gone is not', () => {
    expect(NumberState.options.filter(isAssignable)).toEqual([
      'active',
      'past_due',
      'suspended',
      'canceling',
      'porting_out',
    ]);
  });

  it('I11: a number that is gone, quarantined or not set up routes to nobody', () => {
    expect(NumberState.options.filter((state) => routeStateOf(state) === 'active')).toEqual([
      'active',
      'past_due',
      'canceling',
      'porting_out',
    ]);
  });

  it.each([
    ['2026-01-15T09:00:00Z', '2026-01-31'],
    ['2026-01-31T23:59:59Z', '2026-01-31'],
    ['2026-02-01T00:00:00Z', '2026-02-28'],
    ['2028-02-10T00:00:00Z', '2028-02-29'],
    ['2026-12-31T12:00:00Z', '2026-12-31'],
  ])('S2-15: at %s the period ends on %s', (now, end) => {
    expect(periodEndsOn(new Date(now))).toBe(end);
  });
});

describe('ownership', () => {
  it.each([
    ['pre_provisioned', 'pre_provisioned', true],
    ['pre_provisioned', 'private', true],
    ['pre_provisioned', 'shared', true],
    ['private', 'pre_provisioned', false],
    ['private', 'private', true],
    ['private', 'shared', false],
    ['shared', 'pre_provisioned', false],
    ['shared', 'private', true],
    ['shared', 'shared', true],
  ] as const)('S0-14, S0-15, S0-16: %s → %s is %s', (from, to, may) => {
    expect(isConvertible(from, to)).toBe(may);
  });

  it('S0-8: is one of three', () => {
    expect(Ownership.options).toEqual(['pre_provisioned', 'private', 'shared']);
    expect(Ownership.safeParse('public').success).toBe(false);
  });

  it.each([
    ['private without a target', { ownership: 'private' }, 'extension_required'],
    ['private to a queue', { ownership: 'private', target: queue }, 'extension_required'],
    ['private to a flow', { ownership: 'private', target: flow }, 'extension_required'],
    ['pre-provisioned with a target', { ownership: 'pre_provisioned', target: ext }, 'target_not_allowed'],
    ['primary to a queue', { ownership: 'shared', target: queue, primary: true }, 'extension_required'],
    [
      'private and presentable',
      { ownership: 'private', target: ext, presentableBy: { users: [], ouIds: [] } },
      'not_shared',
    ],
    ['private to an extension', { ownership: 'private', target: ext, primary: true }, undefined],
    ['shared without a target', { ownership: 'shared' }, undefined],
    ['shared to a queue', { ownership: 'shared', target: queue }, undefined],
    ['shared to an extension', { ownership: 'shared', target: ext }, undefined],
  ])('S0-9: %s', (_, assignment, code) => {
    expect(malformedBecause(Assignment.parse(assignment))?.errors[0]?.code).toBe(code);
  });
});

describe('who may assign what', () => {
  const bound = { ownership: 'shared', target: flow };
  it.each([
    ['an admin, free number', {}, false, false, undefined],
    ['an admin, number in a workflow', { assignment: bound }, false, false, 'workflow_bound'],
    ['support, number in a workflow', { assignment: bound }, false, true, undefined],
    ['an admin, locked flow', { assignment: bound }, true, false, 'flow_locked'],
    ['an admin, to a locked flow', {}, true, false, 'flow_locked'],
    ['support, locked flow', { assignment: bound }, true, true, undefined],
    ['an admin, pending number', { state: 'pending' }, false, false, 'number_not_active'],
    ['support, released number', { state: 'released' }, false, true, 'number_not_active'],
    ['an admin, canceling number', { state: 'canceling' }, false, false, undefined],
    ['support, private to shared', { ownership: 'private' }, false, true, 'ownership_not_convertible'],
  ])('A3, S0-16, S0-32, S4-10: %s', (_, changed, locked, isSupport, code) => {
    const assignment = Assignment.parse({
      ownership: 'shared',
      ...('assignment' in changed ? changed.assignment : {}),
    });
    const record = { state: 'active' as const, ownership: 'shared' as const, ...(changed as object), assignment };
    const wanted = Assignment.parse({ ownership: 'shared', target: queue });

    expect(forbiddenBecause({ record, wanted, locked }, { isSupport })?.code).toBe(code);
  });
});

describe('forwarding', () => {
  it.each([
    ['+449098790000', true],
    ['+19005550123', true],
    ['+881612345678', true],
    ['+979123456789', true],
    ['+447700900555', false],
    ['+12125550123', false],
  ])('A6: %s is barred: %s', (number, barred) => {
    expect(isBarred(E164.parse(number))).toBe(barred);
  });
});

describe('finding numbers', () => {
  const row: NumberRow = {
    id: 'num_1',
    number: '+441223555010',
    name: "Pam's Désk",
    ownership: 'private',
    routedTo: 'extension',
    routingObject: 'Extension: Pam B.',
    state: 'active',
    country: 'GB',
    carrier: 'telnyx',
    tags: ['sales'],
    reference: 'PO-77',
    userId: 'usr_1',
    targetId: 'ext_1',
    serviceNumber: false,
    attention: [],
    createdAt: '2026-01-15T09:00:00.000Z',
    updatedAt: '2026-01-15T09:00:00.000Z',
  };
  it.each([
    ['01223 555', true],
    ['+44 (0)1223-555010', true],
    ['0044 1223', true],
    ['3555', true],
    ["pam's desk", true],
    ['po-77', true],
    ['5551', false],
    ['sam', false],
    ['+', false],
  ])('q=%s finds it: %s', (q, found) => {
    expect(rowMatches(row, 'active', { q })).toBe(found);
  });

  it.each([
    [['true'], ['x'], true],
    [['true'], [], false],
    [['false'], [], true],
    [['configuration_pending', 'x'], ['x'], true],
    [['configuration_pending'], ['x'], false],
    [undefined, [], true],
  ])('attention %s of %s: %s', (wanted, attention, found) => {
    expect(attentionMatches(attention, wanted)).toBe(found);
  });
});
