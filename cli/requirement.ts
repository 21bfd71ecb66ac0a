import type { NumberRequestView } from '../functions/requests/view-schema.ts';
import { WrongUsage } from './session.ts';

type Requirement = NumberRequestView['requirements'][number];

/** A requirement's name as one word of a command line: "Proof of Address" is `proof-of-address`. */
export function wordOf({ name }: Pick<Requirement, 'name'>): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

/** The requirement somebody means by its id, its document's id or its word. Throws WrongUsage naming what there is. */
export function findRequirement({ requirements }: Pick<NumberRequestView, 'requirements'>, text: string): Requirement {
  const found =
    requirements.find((one) => one.requirementId === text || one.documentId === text) ??
    requirements.find((one) => wordOf(one) === wordOf({ name: text }));
  if (found) return found;
  const words = requirements.map(wordOf).join(', ');
  throw new WrongUsage(
    words === '' ? 'The request asks for no papers (yet).' : `The request has no requirement ${text}, but ${words}.`,
  );
}
