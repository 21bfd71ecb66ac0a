import type { RequirementItem } from '../carriers/papers-port.ts';
import type { CountryCode } from '../domain/country.ts';
import type { DocumentId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Table } from '../platform/table.ts';
import type { RequirementOnRequest } from '../requests/papers-schema.ts';
import type { BundleItem } from './bundle-schema.ts';
import type { EndUser } from './schema.ts';
import { findDocument } from './store.ts';

/** What is handed in for a requirement: exactly one of the three. */
type Given = Pick<RequirementOnRequest, 'documentId' | 'value' | 'address'>;
/** A paper that is there before anybody asks for it, with the words it is known by. */
export interface AtHand {
  readonly kind: RequirementOnRequest['kind'];
  readonly given: Given;
  /** Ids, kinds and names under which it may be asked for. */
  readonly words: readonly string[];
}
type Fillable = Given &
  Pick<RequirementOnRequest, 'requirementId' | 'kind' | 'name' | 'acceptedEvidence' | 'addressScope'> & {
    readonly state: 'missing' | 'received' | 'accepted' | 'rejected' | 'waived';
  };

/** Documents named by their ids; ids that are nobody's here are left out (the caller has refused them before). */
export async function documentsAtHand(
  table: Table,
  scope: TenantScope,
  ids: readonly DocumentId[],
): Promise<readonly AtHand[]> {
  const found = await Promise.all(ids.map((id) => findDocument(table, scope, id)));
  return found.flatMap((document) =>
    document
      ? [
          {
            kind: 'document' as const,
            given: { documentId: document.id },
            words: [...(document.requirementId ? [document.requirementId] : []), document.kind],
          },
        ]
      : [],
  );
}

/** What an end user brings: the name, fields under the ids of requirements, addresses. */
export const endUserAtHand = (endUser: EndUser): readonly AtHand[] => [
  ...Object.entries(endUser.fields).map(([id, value]) => ({ kind: 'text' as const, given: { value }, words: [id] })),
  { kind: 'text', given: { value: endUser.name }, words: ['name'] },
  ...endUser.addresses.map((address) => ({ kind: 'address' as const, given: { address }, words: ['address'] })),
];

/** What lies in items of a set, except what was rejected. */
export const itemsAtHand = (items: readonly (Fillable | BundleItem)[]): readonly AtHand[] =>
  items.flatMap(({ kind, documentId, value, address, requirementId, name, state }) => {
    const given = { ...(documentId && { documentId }), ...(value && { value }), ...(address && { address }) };
    const isGood = state === 'received' || state === 'accepted';
    return isGood && Object.keys(given).length > 0 ? [{ kind, given, words: [requirementId, name] }] : [];
  });

/** Words that say nothing: by them alone two papers are not the same. */
const EMPTY_WORDS: Readonly<Record<AtHand['kind'], readonly string[]>> = {
  document: ['proof', 'document', 'copy', 'file', 'of', 'the', 'a', 'an', 'and', 'or'],
  text: ['full', 'legal', 'business', 'company', 'individual', 'end', 'user', 'person', 'of', 'the'],
  address: [],
};
const meaning = (kind: AtHand['kind'], text: string): string =>
  [...new Set(text.toLowerCase().split(/[^\p{L}\p{N}]+/u))]
    .filter((word) => word !== '' && !EMPTY_WORDS[kind].includes(word))
    .sort()
    .join(' ');

function means(one: Fillable, paper: AtHand, country: CountryCode): boolean {
  const { kind, given } = paper;
  if (kind === 'address') return (one.addressScope ?? 'country') === 'world' || given.address?.country === country;
  const wanted = [one.requirementId, one.name, ...(kind === 'document' ? one.acceptedEvidence : [])];
  const meant = new Set(wanted.map((text) => meaning(kind, text)).filter((text) => text !== ''));
  return paper.words.some((word) => meant.has(meaning(kind, word)));
}

const sameGiven = (a: Given, b: Given): boolean =>
  a.documentId === b.documentId &&
  a.value === b.value &&
  JSON.stringify(a.address ?? null) === JSON.stringify(b.address ?? null);

/**
 * Requirements that are still missing, met from what is at hand: first what names the requirement itself, then a document
 * whose kind is the requirement's or among its accepted evidence, a name, an address within its scope. A document meets one
 * requirement; nothing is guessed beyond that. Pure.
 */
export function fillRequirements<T extends Fillable>(
  requirements: readonly T[],
  atHand: readonly AtHand[],
  country: CountryCode,
): T[] {
  const spent = new Set<AtHand>(
    atHand.filter((paper) => paper.kind === 'document' && requirements.some((one) => sameGiven(one, paper.given))),
  );
  const pass = (all: readonly T[], fits: (one: T, paper: AtHand) => boolean): T[] =>
    all.map((one) => {
      const paper =
        one.state === 'missing'
          ? atHand.find((each) => each.kind === one.kind && !spent.has(each) && fits(one, each))
          : undefined;
      if (!paper) return one;
      if (paper.kind === 'document') spent.add(paper);
      return { ...one, ...paper.given, state: 'received' as const };
    });
  const named = pass(requirements, (one, paper) => paper.words.includes(one.requirementId));
  return pass(named, (one, paper) => means(one, paper, country));
}

/**
 * A list that has just been asked for anew: what is at hand meets it, and what was handed in under an id that is no longer
 * asked for (another carrier's, or the data file's) moves to where it belongs; what fits nowhere stays in sight.
 * @param merged the new list, followed by entries of the old one it does not name
 */
export function relisted<T extends Fillable>(
  merged: readonly T[],
  listed: readonly Pick<RequirementItem, 'requirementId'>[],
  by: { readonly atHand: readonly AtHand[]; readonly country: CountryCode; readonly isOurs: (one: T) => boolean },
): T[] {
  const ids = new Set(listed.map((item) => item.requirementId));
  const asked = merged.filter((one) => ids.has(one.requirementId));
  const others = merged.filter((one) => !ids.has(one.requirementId));
  const leftOver = others.filter((one) => one.state === 'received' && !by.isOurs(one));
  const had = asked.filter((one) => one.state !== 'missing');
  const filled = fillRequirements(asked, [...itemsAtHand(leftOver), ...by.atHand], by.country);
  const moved = (one: T) =>
    leftOver.includes(one) && filled.some((each) => sameGiven(each, one) && !had.includes(each));
  return [...filled, ...others.filter((one) => !moved(one))];
}
