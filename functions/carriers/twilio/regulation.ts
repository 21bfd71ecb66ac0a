import * as z from 'zod';
import type { NumberType } from '../../domain/country.ts';
import type { Papers, RequirementItem } from '../papers-port.ts';

const Field = z.object({
  machine_name: z.string(),
  friendly_name: z.string().nullish(),
  description: z.string().nullish(),
});
const Kind = z.object({ name: z.string(), type: z.string(), detailed_fields: z.array(Field).default([]) });
const DocumentNeed = z.object({
  name: z.string(),
  requirement_name: z.string(),
  description: z.string().nullish(),
  accepted_documents: z.array(Kind).min(1),
});
type DocumentNeed = z.infer<typeof DocumentNeed>;

/** What one country asks for one type of number and one kind of end user; inside `requirements` the SDK keeps wire names. */
export const Regulation = z.object({
  sid: z.string(),
  requirements: z.object({
    end_user: z.array(Kind).default([]),
    supporting_document: z.array(z.array(DocumentNeed)).default([]),
  }),
});
export type Regulation = z.infer<typeof Regulation>;

/** Types of number as the compliance interface spells them. */
export const REGULATED_TYPES: Readonly<Record<NumberType, string>> = {
  local: 'local',
  national: 'national',
  mobile: 'mobile',
  toll_free: 'toll-free',
  shared_cost: 'shared-cost',
};

const ADDRESS = 'address_sids';

/** A regulation as items to ask the customer for. Each has a name of its own, under which its answer comes back. */
export function toRequirements(regulation: Regulation): readonly RequirementItem[] {
  const endUser = regulation.requirements.end_user.flatMap((kind) => kind.detailed_fields);
  const asked = new Set(endUser.map((field) => field.machine_name));
  const needs = documentNeeds(regulation);
  const items = [
    ...endUser.map((field) => textItem(field.machine_name, field)),
    ...needs.map(paperItem),
    ...needs.flatMap((need) => extraFields(need, asked).map((field) => textItem(extraId(need, field), field))),
  ];
  const wantsAddress = needs.some((need) => fieldsOf(need).includes(ADDRESS));
  return wantsAddress && !items.some((item) => item.kind === 'address') ? [...items, generalAddress()] : items;
}

function documentNeeds(regulation: Regulation): readonly DocumentNeed[] {
  const all = regulation.requirements.supporting_document.flat();
  return [...new Map(all.map((need) => [need.requirement_name, need])).values()];
}

/** An address is shown by naming an address of the account, without a file. */
function isAddress(need: DocumentNeed): boolean {
  return need.accepted_documents.some((kind) => kind.type === 'address');
}

function kindOf(need: DocumentNeed) {
  return need.accepted_documents.find((kind) => kind.type === 'address') ?? need.accepted_documents[0];
}

function fieldsOf(need: DocumentNeed): readonly string[] {
  return (kindOf(need)?.detailed_fields ?? []).map((field) => field.machine_name);
}

function extraFields(need: DocumentNeed, asked: ReadonlySet<string>) {
  const fields = kindOf(need)?.detailed_fields ?? [];
  return fields.filter((field) => field.machine_name !== ADDRESS && !asked.has(field.machine_name));
}

function extraId(need: DocumentNeed, field: z.infer<typeof Field>): string {
  return `${need.requirement_name}.${field.machine_name}`;
}

function textItem(requirementId: string, field: z.infer<typeof Field>): RequirementItem {
  const name = field.friendly_name ?? field.machine_name;
  const description = field.description ?? name;
  return { requirementId, kind: 'text', name, description, required: true, acceptedEvidence: [] };
}

function paperItem(need: DocumentNeed): RequirementItem {
  const isPlace = isAddress(need);
  return {
    requirementId: need.requirement_name,
    kind: isPlace ? 'address' : 'document',
    name: need.name,
    description: need.description ?? need.name,
    required: true,
    acceptedEvidence: isPlace ? [] : need.accepted_documents.map((kind) => kind.name),
  };
}

function generalAddress(): RequirementItem {
  const description = 'The address the documents show.';
  return {
    requirementId: 'address',
    kind: 'address',
    name: 'Address',
    description,
    required: true,
    acceptedEvidence: [],
  };
}

/** One supporting document to be made. */
interface DocumentPlan {
  readonly requirementId: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly showsAddress: boolean;
}
interface PapersPlan {
  readonly endUser: { readonly type: 'business' | 'individual'; readonly attributes: Readonly<Record<string, string>> };
  readonly documents: readonly DocumentPlan[];
}

/** Which end user and documents the answers make. What is not answered is left out: the evaluation then names it. */
export function planPapers(regulation: Regulation, papers: Papers): PapersPlan {
  const texts = new Map<string, string>();
  for (const answer of papers.answers) if (answer.kind === 'text') texts.set(answer.requirementId, answer.value);
  const known = (field: string) => texts.get(field) ?? nameField(field, papers);
  const given = new Set(
    papers.answers.filter((answer) => answer.kind !== 'text').map((answer) => answer.requirementId),
  );
  const endUser = regulation.requirements.end_user.flatMap((kind) => kind.detailed_fields);
  return {
    endUser: {
      type: papers.subject,
      attributes: filled(endUser.map((field) => [field.machine_name, known(field.machine_name)])),
    },
    documents: documentNeeds(regulation)
      .filter((need) => given.has(need.requirement_name))
      .map((need) => ({
        requirementId: need.requirement_name,
        type: kindOf(need)?.type ?? '',
        attributes: filled(
          fieldsOf(need).map((field) => [field, texts.get(`${need.requirement_name}.${field}`) ?? known(field)]),
        ),
        showsAddress: fieldsOf(need).includes(ADDRESS),
      })),
  };
}

/** Names need not be asked twice: the papers carry the end user's. */
function nameField(field: string, { endUserName, email }: Papers): string | undefined {
  const cut = endUserName.lastIndexOf(' ');
  switch (field) {
    case 'business_name':
      return endUserName;
    case 'first_name':
      return cut < 0 ? endUserName : endUserName.slice(0, cut);
    case 'last_name':
      return cut < 0 ? undefined : endUserName.slice(cut + 1);
    case 'email':
      return email;
    default:
      return undefined;
  }
}

function filled(entries: readonly (readonly [string, string | undefined])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
