import * as z from 'zod';
import type { Exchange } from '../client.ts';
import type { PaperAnswer, Papers, PapersRefs, PapersState } from '../papers-port.ts';
import { Bundle, Created, documentName, Evaluation, Item, SupportingDocument, shortcomings } from './papers-wire.ts';
import { planPapers, type Regulation } from './regulation.ts';
import type { TwilioResources } from './sdk.ts';
import type { Account } from './transport.ts';
import { type PaperFile, uploadDocument } from './upload.ts';

export interface HandIn {
  readonly account: Account;
  readonly exchange: Exchange;
  readonly resources: TwilioResources;
  readonly regulation: Regulation;
  readonly papers: Papers;
  readonly files: ReadonlyMap<string, PaperFile>;
  /** Name of the bundle and its parts: our reference. */
  readonly name: string;
}
interface HandedIn {
  readonly refs: PapersRefs;
  /** What Twilio's own check still finds missing; then nothing was handed in. */
  readonly open: PapersState['rejections'];
}

/** Fills the bundle of this reference, has it evaluated and gives it to review. A rejected one is corrected in place. */
export async function handIn(work: HandIn): Promise<HandedIn> {
  const { resources } = work;
  const bundle = (await findBundle(work)) ?? (await createBundle(work));
  const one = resources.bundles(bundle.sid);
  const present = z.array(Item).parse((await one.itemAssignments.page()).instances);
  if (bundle.status !== 'draft' && bundle.status !== 'twilio-rejected') {
    const refs = await refsOf(
      resources,
      present.map((item) => item.objectSid),
    );
    return { refs: { bundleId: bundle.sid, ...refs }, open: [] };
  }

  const parts = await makeParts(work);
  for (const item of present) await one.itemAssignments(item.sid).remove();
  for (const objectSid of parts.objectSids) await one.itemAssignments.create({ objectSid });
  const refs = { bundleId: bundle.sid, ...parts.refs };
  const evaluation = Evaluation.parse(await one.evaluations.create());
  if (evaluation.status === 'noncompliant') return { refs, open: shortcomings(evaluation) };
  Bundle.parse(await one.update({ status: 'pending-review' }));
  return { refs, open: [] };
}

async function findBundle({ resources, papers, name }: HandIn): Promise<Bundle | undefined> {
  const { bundles } = resources;
  if (papers.previous?.bundleId !== undefined) return Bundle.parse(await bundles(papers.previous.bundleId).fetch());
  const page = await bundles.page({ friendlyName: name });
  return z
    .array(Bundle)
    .parse(page.instances)
    .find((bundle) => bundle.friendlyName === name);
}

async function createBundle({ resources, regulation, papers, name }: HandIn): Promise<Bundle> {
  const fields = { friendlyName: name, email: papers.email, statusCallback: papers.statusUrl };
  return Bundle.parse(await resources.bundles.create({ ...fields, regulationSid: regulation.sid }));
}

/** End user, address and documents, made anew: what was rejected stays as it was, outside the bundle. */
async function makeParts(work: HandIn): Promise<{ objectSids: readonly string[]; refs: PapersRefs }> {
  const { resources, papers, name } = work;
  const plan = planPapers(work.regulation, papers);
  const { sid: endUserId } = Created.parse(await resources.endUsers.create({ friendlyName: name, ...plan.endUser }));
  const addressId = await makeAddress(work);
  const documentIds: string[] = [];
  for (const { requirementId, type, attributes, showsAddress } of plan.documents) {
    const fields = {
      friendlyName: documentName(name, requirementId),
      type,
      attributes: { ...attributes, ...(showsAddress && addressId !== undefined ? { address_sids: [addressId] } : {}) },
    };
    const file = work.files.get(requirementId);
    documentIds.push(
      file === undefined
        ? Created.parse(await resources.documents.create(fields)).sid
        : await uploadDocument(work.account, work.exchange, fields, file),
    );
  }
  const refs = { endUserId, documentIds, ...(addressId === undefined ? {} : { addressId }) };
  return { objectSids: [endUserId, ...documentIds], refs };
}

async function makeAddress({ resources, papers, name }: HandIn): Promise<string | undefined> {
  const answer = papers.answers.find((found) => found.kind === 'address');
  if (answer === undefined) return undefined;
  const { address } = answer satisfies Extract<PaperAnswer, { kind: 'address' }>;
  const [street = '', ...more] = address.lines;
  const created = await resources.addresses.create({
    customerName: papers.endUserName,
    friendlyName: name,
    street,
    ...(more.length > 0 ? { streetSecondary: more.join(', ') } : {}),
    city: address.city,
    region: address.region ?? address.city, // required there, unknown in many countries
    postalCode: address.postalCode,
    isoCountry: address.country,
  });
  return Created.parse(created).sid;
}

/** What a bundle that was handed in before is made of. */
async function refsOf({ documents }: TwilioResources, objectSids: readonly string[]): Promise<PapersRefs> {
  const endUserId = objectSids.find((sid) => sid.startsWith('IT'));
  const documentIds = objectSids.filter((sid) => sid.startsWith('RD'));
  let addressId: string | undefined;
  for (const sid of documentIds) {
    const document = SupportingDocument.parse(await documents(sid).fetch());
    addressId ??= document.attributes?.address_sids?.at(0);
  }
  return {
    ...(endUserId === undefined ? {} : { endUserId }),
    ...(addressId === undefined ? {} : { addressId }),
    documentIds,
  };
}
