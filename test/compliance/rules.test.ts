import { describe, expect, it } from 'vitest';
import type { PapersState, RequirementItem } from '../../functions/carriers/papers-port.ts';
import { type AtHand, fillRequirements, relisted } from '../../functions/compliance/at-hand-store.ts';
import { handInItems, isOpenItem, listItems } from '../../functions/compliance/bundle-items.ts';
import { type Bundle, type BundleItem, BundleState, isUsable } from '../../functions/compliance/bundle-schema.ts';
import { mayBecome, nextLook, reviewed } from '../../functions/compliance/bundle-states.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import { BundleId, DocumentId, TenantId, UserId } from '../../functions/domain/ids.ts';
import { requirement } from '../requests/sample.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');
const DE = CountryCode.parse('DE');
const id = (prefix: string, n: number) => `${prefix}_0000000000000000000000000${n}`;
const doc = (n: number) => DocumentId.parse(id('doc', n));
const days = (n: number) => new Date(NOW.getTime() + n * 86_400_000).toISOString();
const item = (requirementId: string, state: BundleItem['state'], more: Partial<BundleItem> = {}): BundleItem => ({
  ...{ requirementId, kind: 'text', name: requirementId, description: '', required: true },
  ...{ acceptedEvidence: [], state, remarks: [] },
  ...more,
});
const bundle = (state: BundleState, more: Partial<Bundle> = {}): Bundle => ({
  ...{ id: BundleId.parse(id('bnd', 1)), object: 'bundle', tenantId: TenantId.parse(id('ten', 1)), country: DE },
  ...{ type: 'local', action: 'ordering', subject: 'business', carrier: 'telnyx', state, listedBy: 'carrier' },
  items: [item('a', 'received', { value: 'x' })],
  createdBy: UserId.parse(id('usr', 1)),
  ...{ createdAt: NOW.toISOString(), updatedAt: NOW.toISOString(), version: 1 },
  ...more,
});
const told = (state: PapersState['state'], more: Partial<PapersState> = {}): PapersState => ({
  state,
  rejections: [],
  ...more,
});

describe('states of a bundle (DESIGN §3)', () => {
  it('I15: only the steps of the table, and none out of withdrawn', () => {
    const steps = BundleState.options.flatMap((from) =>
      BundleState.options.filter((to) => mayBecome(from, to)).map((to) => `${from} → ${to}`),
    );

    expect(steps).toEqual([
      'draft → submitted',
      'draft → withdrawn',
      'submitted → draft',
      'submitted → in_review',
      'submitted → approved',
      'submitted → provisionally_approved',
      'submitted → rejected',
      'in_review → approved',
      'in_review → provisionally_approved',
      'in_review → rejected',
      'approved → expiring',
      'approved → expired',
      'provisionally_approved → approved',
      'provisionally_approved → rejected',
      'provisionally_approved → expiring',
      'provisionally_approved → expired',
      'rejected → withdrawn',
      'expiring → approved',
      'expiring → expired',
      'expired → withdrawn',
    ]);
  });
  it.each([
    ['submitted', told('in_review'), 'in_review'],
    ['in_review', told('provisionally_approved'), 'provisionally_approved'],
    ['provisionally_approved', told('approved'), 'approved'],
    ['provisionally_approved', told('rejected'), 'rejected'],
    ['in_review', told('expired'), 'rejected'],
    ['approved', told('approved', { validUntil: days(29) }), 'expiring'],
    ['approved', told('approved', { validUntil: days(-1) }), 'expired'],
    ['approved', told('rejected'), 'expired'],
    ['expiring', told('approved', { validUntil: days(300) }), 'approved'],
    ['expiring', told('expired'), 'expired'],
  ] as const)('R5: %s, then the carrier says %j: %s', (from, word, to) => {
    expect(reviewed(bundle(from), word, NOW)?.state).toBe(to);
  });
  it.each([
    ['approved', told('in_review')],
    ['approved', told('approved')],
    ['approved', told('provisionally_approved')],
    ['rejected', told('in_review')],
    ['rejected', told('approved')],
    ['provisionally_approved', told('in_review')],
    ['in_review', told('in_review')],
    ['in_review', told('draft')],
    ['expired', told('approved')],
    ['withdrawn', told('approved')],
  ] as const)('R5: %s stays when an old or repeated word comes: %j', (from, word) => {
    expect(reviewed(bundle(from), word, NOW)).toBeUndefined();
  });
  it('R1: reasons lie with the items they are about, several of one beside each other', () => {
    const items = [item('a', 'received'), item('b', 'received')];
    const remarks = [
      { requirementId: 'a', remark: 'cut off' },
      { requirementId: 'a', remark: 'old' },
      { remark: 'late' },
    ];

    const after = reviewed(bundle('in_review', { items }), told('rejected', { rejections: remarks }), NOW);

    expect(after?.items).toMatchObject([{ state: 'rejected', remarks: ['cut off', 'old'] }, { state: 'received' }]);
    expect(after?.remark).toBe('late');
  });
  it('an approved one takes over a new last day, its items are accepted', () => {
    expect(
      reviewed(bundle('approved', { validUntil: days(90) }), told('approved', { validUntil: days(400) }), NOW),
    ).toMatchObject({
      state: 'approved',
      validUntil: days(400),
    });
    expect(reviewed(bundle('in_review'), told('approved'), NOW)?.items).toMatchObject([{ state: 'accepted' }]);
  });
  it('is usable while approved, for the time being or running out, up to its last day', () => {
    const usable = BundleState.options.filter((state) => isUsable(bundle(state), NOW));

    expect(usable).toEqual(['approved', 'provisionally_approved', 'expiring']);
    expect(isUsable(bundle('approved', { validUntil: days(-1) }), NOW)).toBe(false);
  });
  it('P10: a review is asked for again by itself, an approval daily, an end never', () => {
    expect(nextLook(bundle('in_review'), NOW)).toBe('2026-11-20T10:15:00.000Z');
    expect(nextLook(bundle('approved'), NOW)).toBe('2026-11-21T10:00:00.000Z');
    expect(BundleState.options.filter((state) => nextLook(bundle(state), NOW) === undefined)).toEqual([
      'draft',
      'rejected',
      'expired',
      'withdrawn',
    ]);
  });
});

const paper = (n: number, ...words: string[]): AtHand => ({ kind: 'document', given: { documentId: doc(n) }, words });
const document = (name: string, more = {}) => requirement(name, 'missing', { kind: 'document', ...more });
const address = (country: string) => ({
  lines: ['1'],
  city: 'X',
  postalCode: '1',
  country: CountryCode.parse(country),
});

describe('papers at hand', () => {
  it.each([
    ['by the id of the requirement', document('proof_17'), paper(1, 'proof_17')],
    ['by its kind', document('identity_proof'), paper(1, 'Identity')],
    ['by its name in another order', document('u-1', { name: 'Proof of Address' }), paper(1, 'address_proof')],
    ['by an accepted evidence', document('u-1', { acceptedEvidence: ['Utility bill'] }), paper(1, 'utility_bill')],
  ])('S0-42: a document meets a requirement %s', (_, wanted, given) => {
    expect(fillRequirements([wanted], [given], DE)).toMatchObject([{ state: 'received', documentId: doc(1) }]);
  });
  it.each([
    ['of another kind', document('identity_proof'), paper(1, 'address_proof')],
    ['by words that say nothing', document('document'), paper(1, 'proof')],
    ['by half of what is asked', document('identity_and_address_proof'), paper(1, 'identity')],
    ['where a text is asked', requirement('identity', 'missing'), paper(1, 'identity')],
  ])('S0-42: no document is guessed: %s', (_, wanted, given) => {
    expect(fillRequirements([wanted], [given], DE)).toEqual([wanted]);
  });
  it('a document is used once, where it is named first', () => {
    const wanted = [document('identity'), document('passport')];

    const filled = fillRequirements(wanted, [paper(1, 'passport', 'identity')], DE);

    expect(filled.map(({ state }) => state)).toEqual(['received', 'missing']);
    expect(fillRequirements(filled, [paper(1, 'passport')], DE)).toEqual(filled);
  });
  it('what was rejected, accepted or waived is not touched', () => {
    const wanted = (['rejected', 'accepted', 'waived', 'received'] as const).map((state) => document(state, { state }));

    expect(fillRequirements(wanted, [paper(1, ...wanted.map((one) => one.requirementId))], DE)).toEqual(wanted);
  });
  it('a name and an address of an end user; the address only within its scope', () => {
    const name: AtHand = { kind: 'text', given: { value: 'Acme' }, words: ['name'] };
    const home: AtHand = { kind: 'address', given: { address: address('DE') }, words: ['address'] };
    const abroad: AtHand = { kind: 'address', given: { address: address('FR') }, words: ['address'] };
    const place = (scope: 'world' | 'city') =>
      requirement('place', 'missing', { kind: 'address', addressScope: scope });

    expect(fillRequirements([requirement('business_name', 'missing')], [name], DE)).toMatchObject([{ value: 'Acme' }]);
    expect(fillRequirements([requirement('first_name', 'missing')], [name], DE)).toMatchObject([{ state: 'missing' }]);
    expect(fillRequirements([place('city')], [abroad, home], DE)).toMatchObject([{ address: { country: 'DE' } }]);
    expect(fillRequirements([place('city')], [abroad], DE)).toMatchObject([{ state: 'missing' }]);
    expect(fillRequirements([place('world')], [abroad], DE)).toMatchObject([{ address: { country: 'FR' } }]);
  });
  it('another list: what was handed in moves to where it belongs, what fits nowhere stays', () => {
    const old = requirement('address_proof', 'received', { kind: 'document', documentId: doc(1) });
    const lone = requirement('own_use', 'received', { value: 'yes' });
    const ours = requirement('added_1', 'received', { value: 'Proof of Address' });
    const merged = [document('u-1', { name: 'Proof of Address' }), old, lone, ours];
    const by = { atHand: [], country: DE, isOurs: (one: { requirementId: string }) => one.requirementId === 'added_1' };

    const after = relisted(merged, [{ requirementId: 'u-1' }], by);

    expect(after.map((one) => [one.requirementId, one.state])).toEqual([
      ['u-1', 'received'],
      ['own_use', 'received'],
      ['added_1', 'received'],
    ]);
  });
});

describe('items of a bundle', () => {
  const asked = (requirementId: string): RequirementItem => ({
    ...{ requirementId, kind: 'text', name: requirementId, description: '', required: true, acceptedEvidence: [] },
  });
  it('R2: a list that has grown keeps what was handed in and shows the rest as missing', () => {
    const after = listItems([item('a', 'received', { value: 'x' })], [asked('a'), asked('b')], [], DE);

    expect(after).toMatchObject([{ requirementId: 'a', value: 'x', state: 'received' }, { state: 'missing' }]);
    expect(after.filter(isOpenItem).map((one) => one.requirementId)).toEqual(['b']);
  });
  it('those not named stay, null takes back', () => {
    const items = [item('a', 'received', { value: 'x' }), item('b', 'rejected', { value: 'y', remarks: ['no'] })];

    const after = handInItems(items, [{ requirementId: 'b', value: 'z' }], true);

    expect(after).toMatchObject([{ value: 'x' }, { value: 'z', state: 'received', remarks: [] }]);
    expect(handInItems(after, [{ requirementId: 'a', value: null }], true)[0]).toMatchObject({ state: 'missing' });
    expect(handInItems(after, [{ requirementId: 'a', value: null }], true)[0]).not.toHaveProperty('value');
  });
  it.each([
    ['unknown_requirement', { requirementId: 'z', value: 'x' }],
    ['wrong_kind', { requirementId: 'a', documentId: doc(1) }],
    ['wrong_kind', { requirementId: 'a' }],
    ['wrong_kind', { requirementId: 'a', value: 'x', documentId: doc(1) }],
  ])('422 %s: %j', (code, change) => {
    expect(() => handInItems([item('a', 'missing')], [change], true)).toThrow(expect.objectContaining({ code }));
  });
  it('where nobody knows the list, what is handed in makes it', () => {
    expect(handInItems([], [{ requirementId: 'vat', value: 'DE1' }], false)).toMatchObject([
      { requirementId: 'vat', kind: 'text', required: false, state: 'received' },
    ]);
  });
});
