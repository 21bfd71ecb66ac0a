import { createHash } from 'node:crypto';
import { CarrierRefused } from '../../domain/errors.ts';
import type { Written } from '../client.ts';
import type { Call, Outcome } from '../outcome.ts';
import type { PaperAnswer, Papers, PapersRefs, PapersService } from '../papers-port.ts';
import {
  CommentPage,
  GroupList,
  GroupRecord,
  ReferencedPage,
  RequirementsPage,
  toPapersState,
  toRequirements,
  WithId,
} from './papers-wire.ts';
import type { TelnyxApi } from './sdk.ts';

type Value = { readonly requirement_id: string; readonly field_value: string };
/** A value handed in, or the end that kept it from being so. */
type Filled = { readonly value: Value; readonly documentId?: string } | { readonly end: Outcome<never> };

/** Papers by requirement groups: one set for a country, type and action, found again by our reference. */
export function telnyxPapers(api: TelnyxApi): PapersService {
  return {
    async requirements({ country, type, action }, call) {
      // The filter knows three types in the specification; the carrier's refusal of another means "unknown".
      const filter = { country_code: country, phone_number_type: type as 'local', action };
      try {
        const query = { filter, 'page[size]': 250 };
        return toRequirements(await api.read(call, 'papers', RequirementsPage, (sdk) => sdk.requirements.list(query)));
      } catch (error) {
        if (error instanceof CarrierRefused) return undefined;
        throw error;
      }
    },
    submit: (papers, call) => submit(api, papers, call),
    state: async ({ bundleId = '' }, call) => {
      const group = await api.read(call, 'papers', GroupRecord, (sdk) => sdk.requirementGroups.retrieve(bundleId));
      if (group.status !== 'declined') return toPapersState(group, []);
      const filter = { comment_record_type: 'requirement_group' as const, comment_record_id: bundleId };
      const comments = await api.read(call, 'papers', CommentPage, (sdk) => sdk.comments.list({ filter }));
      return toPapersState(group, comments.data);
    },
  };
}

/** Values first, then the group with all of them, then its review. Repeating finds what is there and changes nothing. */
async function submit(api: TelnyxApi, papers: Papers, call: Call): Promise<Outcome<PapersRefs>> {
  const values: Value[] = [];
  const documentIds: string[] = [];
  for (const answer of papers.answers) {
    const filled = await fill(api, papers, answer, call);
    if ('end' in filled) return filled.end;
    values.push(filled.value);
    if (filled.documentId !== undefined) documentIds.push(filled.documentId);
  }
  const group = await ensureGroup(api, papers, values, call);
  if (group.kind !== 'answered') return group;
  const refs = { bundleId: group.value.id, documentIds };
  if (!['unapproved', 'declined', 'expired'].includes(group.value.status))
    return { kind: 'done', value: refs, refs: {} };
  const handed = await api.write(call, 'papers', GroupRecord, (sdk) =>
    sdk.requirementGroups.submitForApproval(group.value.id),
  );
  return handed.kind === 'answered' ? { kind: 'done', value: refs, refs: {} } : handed;
}

/** The group under our reference with these values: made, or changed where a value differs. */
async function ensureGroup(
  api: TelnyxApi,
  papers: Papers,
  values: readonly Value[],
  call: Call,
): Promise<Written<GroupRecord>> {
  const scope = { country_code: papers.country, phone_number_type: papers.type, action: 'ordering' } as const;
  const filter = { ...scope, customer_reference: papers.reference };
  const listed = await api.read(call, 'papers', GroupList, (sdk) => sdk.requirementGroups.list({ filter }));
  const usable = listed.filter(
    (group) => group.customer_reference === papers.reference && group.status !== 'no-longer-eligible',
  );
  const known = usable.find(({ id }) => id === papers.previous?.bundleId) ?? usable.at(0);
  const requirements = { regulatory_requirements: [...values] };
  if (!known) {
    const body = { ...scope, customer_reference: papers.reference, ...requirements };
    return api.write(call, 'papers', GroupRecord, (sdk) => sdk.requirementGroups.create(body));
  }
  if (values.every((value) => holds(known, value))) return { kind: 'answered', value: known };
  return api.write(call, 'papers', GroupRecord, (sdk) => sdk.requirementGroups.update(known.id, requirements));
}

function holds(group: GroupRecord, { requirement_id, field_value }: Value): boolean {
  const line = group.regulatory_requirements?.find((each) => each.requirement_id === requirement_id);
  return line?.field_value === field_value;
}

async function fill(api: TelnyxApi, papers: Papers, answer: PaperAnswer, call: Call): Promise<Filled> {
  if (answer.kind === 'text') return { value: asValue(answer, answer.value) };
  const made =
    answer.kind === 'address'
      ? await ensureAddress(api, papers, answer, call)
      : await ensureDocument(api, papers, answer, call);
  if (typeof made !== 'string') return { end: made };
  return { value: asValue(answer, made), ...(answer.kind === 'document' && { documentId: made }) };
}

function asValue(answer: PaperAnswer, value: string): Value {
  return { requirement_id: answer.requirementId, field_value: value };
}

/** Found again by reference, requirement and content: handing in again makes nothing twice, a correction makes a new one. */
function contentReference(papers: Papers, answer: PaperAnswer, content: string | Uint8Array): string {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return `${papers.reference}.${answer.requirementId}.${digest}`;
}

async function ensureDocument(
  api: TelnyxApi,
  papers: Papers,
  answer: Extract<PaperAnswer, { kind: 'document' }>,
  call: Call,
): Promise<string | Outcome<never>> {
  const bytes = await answer.open();
  const reference = contentReference(papers, answer, bytes);
  const filter = { customer_reference: { eq: reference } };
  const found = await api.read(call, 'papers', ReferencedPage, (sdk) => sdk.documents.list({ filter }));
  const known = found.data.find((document) => document.customer_reference === reference);
  if (known) return known.id;
  // Base64 made here: a file or stream handed to the SDK is sent as an empty object without a word.
  const document = {
    file: Buffer.from(bytes).toString('base64'),
    filename: answer.fileName,
    customer_reference: reference,
  };
  return idOf(
    await api.write(call, 'papers', WithId, (sdk) => sdk.documents.uploadJson({ document })),
    'document_rejected',
  );
}

async function ensureAddress(
  api: TelnyxApi,
  papers: Papers,
  answer: Extract<PaperAnswer, { kind: 'address' }>,
  call: Call,
): Promise<string | Outcome<never>> {
  const { address } = answer;
  const reference = contentReference(papers, answer, JSON.stringify([papers.endUserName, address]));
  const filter = { customer_reference: { eq: reference } };
  const found = await api.read(call, 'papers', ReferencedPage, (sdk) => sdk.addresses.list({ filter }));
  const known = found.data.find((record) => record.customer_reference === reference);
  if (known) return known.id;
  const [street = '', ...further] = address.lines;
  const body = {
    customer_reference: reference,
    ...nameOf(papers),
    street_address: street,
    ...(further.length > 0 && { extended_address: further.join(', ') }),
    locality: address.city,
    ...(address.region !== undefined && { administrative_area: address.region }),
    postal_code: address.postalCode,
    country_code: address.country,
    validate_address: true,
  };
  return idOf(await api.write(call, 'papers', WithId, (sdk) => sdk.addresses.create(body)), 'address_invalid');
}

/** All three names are required; the unused ones are empty. */
function nameOf({ subject, endUserName }: Papers) {
  if (subject === 'business') return { business_name: endUserName, first_name: '', last_name: '' };
  const [first = '', ...rest] = endUserName.trim().split(/\s+/);
  return { business_name: '', first_name: first, last_name: rest.join(' ') };
}

/** A refused value is a matter for the customer, unless the carrier named a reason of another kind. */
function idOf(
  made: Written<{ data: { id: string } }>,
  code: 'document_rejected' | 'address_invalid',
): string | Outcome<never> {
  if (made.kind === 'answered') return made.value.data.id;
  if (made.kind !== 'refused' || made.refusal.class !== 'CarrierRefused') return made;
  return { kind: 'refused', refusal: { ...made.refusal, class: 'DocumentsRequired', code } };
}
