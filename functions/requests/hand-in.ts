import type { PaperAnswer, Papers, PapersState } from '../carriers/papers-port.ts';
import { findDocument, findEndUser } from '../compliance/store.ts';
import { CarrierBusy } from '../domain/errors.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Write } from '../platform/table.ts';
import { type BuyDeps, callWithin, READ_MS, WRITE_MS } from './buy-deps.ts';
import type { PapersOnRequest, PapersOutcome, RequirementOnRequest } from './papers-schema.ts';
import { endOfCheck, isOpen, turnTo } from './papers-turn.ts';
import { saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { carrierRefWrite } from './store.ts';
import { SYSTEM } from './timeline.ts';

type Ready = (deps: BuyDeps, request: NumberRequest) => Promise<PapersOutcome>;
const placeOf = (request: NumberRequest) => ({ tenantId: request.tenantId, requestId: request.id });

/**
 * Hands accepted papers to the carrier for its review; a carrier without a papers service takes our word.
 * @param listed ids the carrier asks for; what it does not know is not sent
 */
export async function handInPapers(
  deps: BuyDeps,
  request: NumberRequest,
  ready: Ready,
  listed?: ReadonlySet<string>,
): Promise<PapersOutcome> {
  const id = request.papers?.carrier;
  const service = id && (await deps.carriers.get(id)).papers;
  if (!id || !service) return ready(deps, await setPapers(deps, request, { state: 'approved' }));
  const outcome = await service.submit(await papersOf(deps, request, listed), callWithin(WRITE_MS));
  if (outcome.kind === 'refused') return rejected(deps, request, outcome.refusal.carrierText ?? outcome.refusal.code);
  // An unclear end is harmless: the step is repeated later, and handing in again finds the same set by its reference.
  if (outcome.kind === 'unknown')
    throw new CarrierBusy({ code: 'carrier_down', detail: `${id} gave no answer to the papers of ${request.id}.` });
  const refs =
    outcome.kind === 'done'
      ? outcome.value
      : { ...request.papers?.refs, ...(outcome.refs.orderId ? { bundleId: outcome.refs.orderId } : {}) };
  // A carrier that made no set wants none for this: there is nothing to review.
  if (!refs.bundleId) return ready(deps, await setPapers(deps, request, { state: 'approved' }));
  const at = deps.clock.now();
  const handed = { ...refs, documentIds: refs.documentIds ? [...refs.documentIds] : undefined };
  const lookup: Write[] = [carrierRefWrite(id, refs.bundleId, request)];
  const after = await saveRequest(deps, placeOf(request), (before) => ({
    move: {
      action: 'papers_submitted',
      actor: SYSTEM,
      at,
      fields: {
        ...turnTo(before, at, 'documents_review', 'carrier'),
        papers: papersWith(before, { state: 'submitted', refs: handed, submittedAt: at.toISOString() }),
      },
      steps: [['documents', 'waiting', `with ${id}`]],
    },
    also: lookup,
  }));
  return lookAtReview(deps, after, ready);
}

/** Reads the carrier's review again: a webhook is only a hint (reliability §5). */
export async function lookAtReview(deps: BuyDeps, request: NumberRequest, ready: Ready): Promise<PapersOutcome> {
  const { carrier: id, refs } = request.papers ?? {};
  const service = id && (await deps.carriers.get(id)).papers;
  if (!service || !refs) return handInPapers(deps, request, ready);
  const state = await service.state(definedOnly(refs), callWithin(READ_MS));
  switch (state.state) {
    case 'approved':
    case 'provisionally_approved':
      return ready(deps, await setPapers(deps, request, { state: state.state }));
    case 'rejected':
    case 'expired':
      return rejected(deps, request, 'The carrier did not accept the papers.', state);
    default:
      return endOfCheck(await touch(deps, request), deps.clock.now(), 'in_review');
  }
}

const definedOnly = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };

const papersWith = (request: NumberRequest, fields: Partial<PapersOnRequest>): PapersOnRequest => ({
  known: true,
  state: 'open',
  revision: 1,
  ...request.papers,
  ...fields,
});

function setPapers(deps: BuyDeps, request: NumberRequest, fields: Partial<PapersOnRequest>): Promise<NumberRequest> {
  const at = deps.clock.now();
  return saveRequest(deps, placeOf(request), (before) => ({
    move: { action: `papers_${fields.state}`, actor: SYSTEM, at, fields: { papers: papersWith(before, fields) } },
  }));
}

/** Keeps the review's backstop timer going. */
async function touch(deps: BuyDeps, request: NumberRequest): Promise<NumberRequest> {
  const at = deps.clock.now();
  if (request.nextTimerAt && Date.parse(request.nextTimerAt) > at.getTime()) return request;
  return saveRequest(deps, placeOf(request), (before) => {
    const papers = papersWith(before, { state: 'in_review' });
    const fields = { ...turnTo(before, at, 'documents_review', 'carrier'), papers };
    return { move: { action: 'papers_in_review', actor: SYSTEM, at, fields } };
  });
}

/**
 * The customer corrects and hands in again: the same request goes on (R1). Reasons are shown per requirement; one that
 * the carrier names is needed, also when it was waived or optional. Where nothing is left to correct a person looks, since
 * handing in the same again would go round for ever (R4).
 */
async function rejected(
  deps: BuyDeps,
  request: NumberRequest,
  remark: string,
  state?: PapersState,
): Promise<PapersOutcome> {
  const at = deps.clock.now();
  const reasons = new Map((state?.rejections ?? []).map((one) => [one.requirementId, one.remark]));
  const named = request.requirements.some((one) => reasons.has(one.requirementId));
  const general = named ? undefined : (reasons.get(undefined) ?? remark);
  const judged = (one: RequirementOnRequest): RequirementOnRequest => {
    const handedIn = one.state === 'accepted' || one.state === 'received';
    const reason = reasons.get(one.requirementId) ?? (handedIn ? general : undefined);
    return reason === undefined ? one : { ...one, required: true, state: 'rejected', remark: reason };
  };
  const after = await saveRequest(deps, placeOf(request), (before) => {
    const requirements = before.requirements.map(judged);
    const known = requirements.some(isOpen);
    const turn = known
      ? turnTo(before, at, 'documents_pending', 'customer')
      : turnTo(before, at, 'documents_review', 'customer_success');
    const revision = (before.papers?.revision ?? 1) + 1;
    const papers = papersWith(before, { state: 'rejected', known, remark, revision });
    const fields = { ...turn, requirements, papers };
    return {
      move: { action: 'papers_rejected', actor: SYSTEM, at, fields, steps: [['documents', 'waiting', remark]] },
    };
  });
  return endOfCheck(after, at, 'missing');
}

/** Who really uses the number: the end user named, else the name handed in, else who asks. */
async function endUserName(deps: BuyDeps, request: NumberRequest): Promise<string> {
  const scope = tenantScope(request.tenantId);
  const named = request.endUserId && (await findEndUser(deps.table, scope, request.endUserId));
  const handedIn = request.requirements.find((one) => one.kind === 'text' && /name/.test(one.requirementId));
  return (named ? named.name : handedIn?.value) ?? request.requester.name;
}

async function papersOf(
  deps: BuyDeps,
  request: NumberRequest,
  listed: ReadonlySet<string> | undefined,
): Promise<Papers> {
  const sent = request.requirements.filter((one) => !listed || listed.has(one.requirementId));
  const answers = await Promise.all(sent.map((one) => answerOf(deps, request, one)));
  const { bundleId, addressId, endUserId, documentIds } = request.papers?.refs ?? {};
  const previous = definedOnly({ bundleId, addressId, endUserId, documentIds });
  return {
    reference: request.id,
    country: request.country,
    type: request.type,
    subject: request.subject,
    endUserName: await endUserName(deps, request),
    email: deps.settings.csMail,
    statusUrl: deps.carriers.webhooks(request.papers?.carrier ?? 'twilio').ordersUrl,
    answers: answers.filter((answer): answer is PaperAnswer => answer !== undefined),
    ...(request.papers?.refs ? { previous } : {}),
  };
}

async function answerOf(
  deps: BuyDeps,
  request: NumberRequest,
  one: RequirementOnRequest,
): Promise<PaperAnswer | undefined> {
  const { requirementId } = one;
  if (one.state === 'waived' || one.state === 'missing') return undefined;
  if (one.kind === 'text') return { requirementId, kind: 'text', value: one.value ?? '' };
  if (one.kind === 'address') {
    if (!one.address) return undefined;
    const { region, ...address } = one.address;
    return { requirementId, kind: 'address', address: { ...address, ...(region ? { region } : {}) } };
  }
  const document = one.documentId && (await findDocument(deps.table, tenantScope(request.tenantId), one.documentId));
  if (!document) return undefined;
  const open = async (): Promise<Uint8Array> => (await deps.blobs.read(document.blobKey)) ?? new Uint8Array();
  return { requirementId, kind: 'document', fileName: document.fileName, contentType: document.contentType, open };
}
