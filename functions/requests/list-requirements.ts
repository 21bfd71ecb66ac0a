import type { RequirementItem } from '../carriers/papers-port.ts';
import { unpaused } from '../carriers/pause-store.ts';
import { type AtHand, relisted } from '../compliance/at-hand-store.ts';
import { defaultRequirements } from '../compliance/store.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { CarrierError } from '../domain/errors.ts';
import { tenantScope } from '../platform/auth.ts';
import { type BuyDeps, callWithin, READ_MS } from './buy-deps.ts';
import type { PapersOnRequest, RequirementOnRequest } from './papers-schema.ts';
import { isOpen } from './papers-turn.ts';
import { papersAtHand } from './references.ts';
import { ADDED, mergeRequirements } from './requirements.ts';
import { saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

/** Asks the carrier that would sell, where it has a requirement service, over the data file (regulatory §2). */
export async function listRequirements(deps: BuyDeps, request: NumberRequest): Promise<NumberRequest> {
  const { carrier, items } = await askRequirements(deps, request);
  const atHand = await papersAtHand(deps, tenantScope(request.tenantId), request);
  const at = deps.clock.now();
  return saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => {
    const requirements = relist(before, items ?? [], atHand);
    const papers: PapersOnRequest = {
      ...(carrier ? { carrier } : {}),
      known: items !== undefined,
      state: 'open',
      revision: 1,
    };
    return { move: { action: 'requirements_listed', actor: SYSTEM, at, fields: { requirements, papers } } };
  });
}

interface Asked {
  readonly carrier: CarrierId | undefined;
  readonly items: readonly RequirementItem[] | undefined;
}

/** The first carrier that can be used says what it needs; one that cannot be reached at all is passed over (P8). */
async function askRequirements(deps: BuyDeps, request: NumberRequest): Promise<Asked> {
  const named = request.named.find((one) => one.carrier)?.carrier;
  const eligible = named ? [named] : deps.carriers.eligible(request.country, request.type);
  const asked = await unpaused(deps.table, eligible);
  for (const carrier of asked)
    try {
      return { carrier, items: await requirementsAt(deps, request, carrier) };
    } catch (error) {
      if (!(error instanceof CarrierError) || carrier === asked.at(-1)) throw error;
      deps.log.warn('requirements_failed', { carrier, error: error.name });
    }
  return { carrier: eligible[0], items: listedRequirements(request) };
}

async function requirementsAt(deps: BuyDeps, request: NumberRequest, id: CarrierId): Promise<Asked['items']> {
  const { country, type, subject } = request;
  const { papers } = await deps.carriers.get(id);
  const own = await papers?.requirements({ country, type, subject, action: 'ordering' }, callWithin(READ_MS));
  return own ?? listedRequirements(request);
}

function listedRequirements({ country, type, subject }: NumberRequest): Asked['items'] {
  const known = defaultRequirements(country, type, subject);
  return known.known ? known.items : undefined;
}

const isOurs = (one: RequirementOnRequest): boolean => one.requirementId.startsWith(ADDED);
/** A new list with what was handed in or lies at hand, under the ids it is asked for by now. Pure. */
const relist = (request: NumberRequest, items: readonly RequirementItem[], atHand: readonly AtHand[]) =>
  relisted(mergeRequirements(request.requirements, items), items, { atHand, country: request.country, isOurs });

const NEW_REMARK = 'Asked for since this form was filled in.';
/**
 * The list once more, right before papers leave: what the carrier asks for since then is shown as missing (R2).
 * @returns the request as it stands now, and the ids asked for where somebody knows them
 */
export async function listAgain(
  deps: BuyDeps,
  request: NumberRequest,
): Promise<{ readonly now: NumberRequest; readonly listed?: ReadonlySet<string> }> {
  const carrier = request.papers?.carrier;
  const items = carrier && (await requirementsAt(deps, request, carrier));
  if (!items) return { now: request };
  const listed = new Set(items.map((item) => item.requirementId));
  const atHand = await papersAtHand(deps, tenantScope(request.tenantId), request);
  const news = relist(request, items, atHand).some((one) => isOpen(one) || one.state === 'received');
  if (!news) return { now: request, listed };
  const at = deps.clock.now();
  const now = await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => {
    const remarked = (one: RequirementOnRequest) => (isOpen(one) ? { ...one, remark: one.remark ?? NEW_REMARK } : one);
    const requirements = relist(before, items, atHand).map(remarked);
    const papers = before.papers && { ...before.papers, revision: before.papers.revision + 1 };
    const fields = { requirements, ...(papers ? { papers } : {}) };
    return { move: { action: 'requirements_changed', actor: SYSTEM, at, fields } };
  });
  return { now, listed };
}
