import type { PaperAnswer, RequirementItem } from '../carriers/papers-port.ts';
import type { CountryCode } from '../domain/country.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { DocumentId } from '../domain/ids.ts';
import type { Address } from '../requests/papers-schema.ts';
import { type AtHand, relisted } from './at-hand-store.ts';
import type { BundleItem } from './bundle-schema.ts';

/** True while something that is needed is not there, or was turned down. */
export const isOpenItem = (item: BundleItem): boolean =>
  item.required && (item.state === 'missing' || item.state === 'rejected');

/** The items of a list as it is now, with what was handed in before and what is at hand (R2). Pure. */
export function listItems(
  had: readonly BundleItem[],
  listed: readonly RequirementItem[],
  atHand: readonly AtHand[],
  country: CountryCode,
): BundleItem[] {
  const before = new Map(had.map((item) => [item.requirementId, item]));
  const now = listed.map((item): BundleItem => {
    const old = before.get(item.requirementId);
    before.delete(item.requirementId);
    const begun = { state: old?.state ?? 'missing', remarks: old?.remarks ?? [] };
    return { ...old, ...item, acceptedEvidence: [...item.acceptedEvidence], ...begun };
  });
  const others = [...before.values()].filter((item) => item.state !== 'missing');
  return relisted([...now, ...others], listed, { atHand, country, isOurs: () => false });
}

/** What is handed in for one item; `null` takes it back. */
export interface ItemChange {
  readonly requirementId: string;
  readonly documentId?: DocumentId | null | undefined;
  readonly value?: string | null | undefined;
  readonly address?: Address | null | undefined;
}
const FIELDS = { document: 'documentId', text: 'value', address: 'address' } as const;

/** Items as they stand after a hand-in; those not named stay. Throws InvalidInput `unknown_requirement`, `wrong_kind`. Pure. */
export function handInItems(
  items: readonly BundleItem[],
  changes: readonly ItemChange[],
  isKnown: boolean,
): BundleItem[] {
  const after = [...items];
  for (const [index, change] of changes.entries()) {
    const at = after.findIndex((item) => item.requirementId === change.requirementId);
    const found = after[at] ?? (isKnown ? undefined : unlisted(change));
    if (!found) throw unknownItem(index, change.requirementId);
    after.splice(at < 0 ? after.length : at, 1, handedIn(found, change, `#/items/${index}`));
  }
  return after;
}

function unknownItem(index: number, id: string): InvalidInput {
  const detail = `Nothing is asked for under ${id}; the bundle names its requirements.`;
  const errors = [{ pointer: `#/items/${index}/requirementId`, code: 'unknown_requirement', detail }];
  return new InvalidInput({ code: 'unknown_requirement', detail, errors });
}

/** Where nobody knows the list, what is handed in makes it. */
function unlisted({ requirementId, documentId, address }: ItemChange): BundleItem {
  const kind = documentId ? 'document' : address ? 'address' : 'text';
  const named = { requirementId, name: requirementId, description: '' };
  return { ...named, kind, required: false, acceptedEvidence: [], state: 'missing', remarks: [] };
}

function handedIn(item: BundleItem, change: ItemChange, pointer: string): BundleItem {
  const field = FIELDS[item.kind];
  const { requirementId: _id, ...given } = change;
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length !== 1 || names[0] !== field) {
    const detail = `${item.name} is a ${item.kind}: give "${field}" and nothing else.`;
    const errors = [{ pointer, code: 'wrong_kind', detail }];
    throw new InvalidInput({ code: 'wrong_kind', detail, errors });
  }
  const { documentId: _d, value: _v, address: _a, ...plain } = item;
  const { documentId, value, address } = change;
  const filled = {
    ...(documentId ? { documentId } : {}),
    ...(value ? { value } : {}),
    ...(address ? { address } : {}),
  };
  return { ...plain, ...filled, state: Object.keys(filled).length > 0 ? 'received' : 'missing', remarks: [] };
}

/** Items of a copy: what was taken stays handed in, what was turned down has to be done again, its remarks beside it. Pure. */
export const copiedItems = (items: readonly BundleItem[]): BundleItem[] =>
  items.map((item) => (item.state === 'accepted' ? { ...item, state: 'received' } : item));

/** An item as the carrier takes it; none for what was not handed in. Files are opened when they are sent. */
export function answerOf(
  item: BundleItem,
  open: (id: DocumentId) => Promise<{ fileName: string; contentType: string; open(): Promise<Uint8Array> } | undefined>,
): Promise<PaperAnswer | undefined> | PaperAnswer | undefined {
  const { requirementId, documentId, value, address, state } = item;
  if (state !== 'received' && state !== 'accepted') return undefined;
  if (value !== undefined) return { requirementId, kind: 'text', value };
  if (documentId)
    return open(documentId).then((file) => file && ({ requirementId, kind: 'document', ...file } as const));
  if (!address) return undefined;
  const { region, ...rest } = address;
  return { requirementId, kind: 'address', address: { ...rest, ...(region ? { region } : {}) } };
}
