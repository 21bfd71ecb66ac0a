import type { Call, Refusal } from '../carriers/outcome.ts';
import type {
  PaperAnswer,
  Papers,
  PapersRefs,
  PapersService,
  PapersState,
  RequirementItem,
} from '../carriers/papers-port.ts';
import type { Carriers } from '../carriers/port.ts';
import { CarrierBusy } from '../domain/errors.ts';
import type { DocumentId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { answerOf } from './bundle-items.ts';
import type { Bundle } from './bundle-schema.ts';
import { rejectedItems } from './bundle-states.ts';
import { findDocument, findEndUser } from './store.ts';

interface HandInDeps extends Deps {
  readonly carriers: Carriers;
}
interface HandedIn {
  readonly action: string;
  readonly after: Omit<Bundle, 'version'>;
}

/**
 * Gives a set to its carrier. An unclear end, or a carrier that cannot be used just now, is thrown and tried again later:
 * the carrier finds the same set by its reference, so a repeat makes no second one.
 * @param listed the carrier's own list; what it does not name is not sent
 */
export async function handInBundle(
  deps: HandInDeps,
  service: PapersService,
  bundle: Bundle,
  listed: readonly RequirementItem[] | undefined,
  call: Call,
): Promise<HandedIn> {
  const outcome = await service.submit(await papersOf(deps, bundle, listed), call);
  switch (outcome.kind) {
    case 'refused':
      return refused(bundle, outcome.refusal);
    case 'unknown':
      throw busy(bundle, 'gave no answer');
    case 'done':
      return handedIn(bundle, outcome.value);
    case 'accepted':
      return handedIn(bundle, outcome.refs.orderId ? { bundleId: outcome.refs.orderId } : {});
  }
}

const busy = ({ carrier, id }: Bundle, what: string): CarrierBusy =>
  new CarrierBusy({ code: 'carrier_down', detail: `${carrier} ${what} to the papers of ${id}.` });

/** A carrier that made no set wants none for this: there is nothing to review. */
function handedIn(bundle: Bundle, { documentIds, ...refs }: PapersRefs): HandedIn {
  const named = { ...refs, ...(documentIds ? { documentIds: [...documentIds] } : {}) };
  const state = refs.bundleId ? 'in_review' : 'approved';
  return { action: 'handed_in', after: { ...bundle, state, refs: named } };
}

/** Refused before any review: what the carrier names goes back to be filled in, anything else ends the set (regulatory §4). */
function refused(bundle: Bundle, refusal: Refusal): HandedIn {
  const text = refusal.carrierText ?? refusal.code.replaceAll('_', ' ');
  if (refusal.class === 'CarrierBusy' || refusal.class === 'CarrierUnusable') throw busy(bundle, `refused (${text})`);
  if (refusal.class !== 'DocumentsRequired')
    return { action: 'rejected', after: { ...bundle, state: 'rejected', remark: text } };
  const rejections = shortcomingsOf(bundle, text);
  const items = rejectedItems(bundle.items, rejections);
  const general = rejections.filter((one) => one.requirementId === undefined).map((one) => one.remark);
  const remark = general.length > 0 ? { remark: general.join('\n') } : {};
  return { action: 'incomplete', after: { ...bundle, state: 'draft', items, ...remark } };
}

/** Lines of `requirement: reason`, as the adapters give what a carrier's own check finds. */
function shortcomingsOf({ items }: Bundle, text: string): PapersState['rejections'] {
  return text.split('\n').map((line) => {
    const [, requirementId, reason] = /^([^:]{1,80}): (.+)$/.exec(line) ?? [];
    const isNamed = requirementId !== undefined && items.some((item) => item.requirementId === requirementId);
    return isNamed && reason ? { requirementId, remark: reason } : { remark: line };
  });
}

async function papersOf(
  deps: HandInDeps,
  bundle: Bundle,
  listed: readonly RequirementItem[] | undefined,
): Promise<Papers> {
  const { id, country, type, subject, carrier, items, submittedBy } = bundle;
  const wanted = listed && new Set(listed.map((item) => item.requirementId));
  const sent = items.filter((item) => !wanted || wanted.has(item.requirementId));
  const answers = await Promise.all(sent.map((item) => answerOf(item, (document) => fileOf(deps, bundle, document))));
  const named = items.find((item) => item.kind === 'text' && /name/i.test(`${item.requirementId} ${item.name}`));
  const endUser = bundle.endUserId && (await findEndUser(deps.table, tenantScope(bundle.tenantId), bundle.endUserId));
  return {
    reference: id,
    ...{ country, type, subject },
    endUserName: (endUser ? endUser.name : named?.value) ?? submittedBy?.name ?? '',
    email: deps.settings.csMail,
    statusUrl: deps.carriers.webhooks(carrier).ordersUrl,
    answers: answers.filter((answer): answer is PaperAnswer => answer !== undefined),
  };
}

async function fileOf(deps: HandInDeps, bundle: Bundle, id: DocumentId) {
  const document = await findDocument(deps.table, tenantScope(bundle.tenantId), id);
  if (!document) return undefined;
  const { fileName, contentType, blobKey } = document;
  return { fileName, contentType, open: async () => (await deps.blobs.read(blobKey)) ?? new Uint8Array() };
}
