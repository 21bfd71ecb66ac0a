import type { Hono } from 'hono';
import { checkDocument } from '../compliance/upload-store.ts';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { InvalidInput } from '../domain/errors.ts';
import { newId } from '../domain/ids.ts';
import type { Principal, TenantScope } from '../platform/auth.ts';
import { actOnRequest } from './act.ts';
import { requireOther, requireState } from './decide.ts';
import { planInformation, planQuestion } from './information.ts';
import { type HandIn, planHandIn, planReview } from './papers-plan.ts';
import {
  addRequirement,
  askForInformation,
  giveInformation,
  handInRequirement,
  reviewDocuments,
} from './papers-routes.ts';
import type { RequirementOnRequest } from './papers-schema.ts';
import { ADDED } from './requirements.ts';

async function requireDocument(
  deps: ApiDeps,
  { scope, who }: { readonly scope: TenantScope; readonly who: Principal },
  id: NonNullable<HandIn['documentId']>,
  pointer: string,
): Promise<void> {
  // The upload goes past the API: only a file that is there and is what it claims to be can be handed in (R3).
  const document = await checkDocument(deps, scope.tenantId, id);
  const theirs = who.roles.every((role) => role === 'customer') && document?.uploadedBy !== who.id;
  if (document?.state === 'received' && !theirs) return;
  const detail =
    document && !theirs
      ? `The document is ${document.state}${document.remark ? `: ${document.remark}` : ''}; upload it first.`
      : `There is no document ${id}.`;
  throw new InvalidInput({
    code: 'unknown_document',
    detail,
    errors: [{ pointer, code: 'unknown_document', detail }],
  });
}

/** Questions, answers and papers of a request. */
export function bindPapers(app: Hono, deps: ApiDeps): void {
  bindAsking(app, deps);
  bind(app, deps, reviewDocuments, (call) =>
    actOnRequest(deps, call, (request) => {
      requireOther(request, call.who);
      return planReview(request, call.body);
    }),
  );
  bind(app, deps, handInRequirement, async (call) => {
    const { documentId } = call.body;
    if (documentId) await requireDocument(deps, call, documentId, '#/documentId');
    return actOnRequest(deps, call, (request) => planHandIn(request, call.params.requirementId, call.body));
  });
  bind(app, deps, giveInformation, async (call) => {
    for (const id of call.body.documents ?? []) await requireDocument(deps, call, id, '#/documents');
    return actOnRequest(deps, call, (request) => planInformation(request, call.body, call.now));
  });
}

function bindAsking(app: Hono, deps: ApiDeps): void {
  bind(app, deps, askForInformation, (call) =>
    actOnRequest(deps, call, (request) => planQuestion(request, call.body, call.now)),
  );
  bind(app, deps, addRequirement, (call) =>
    actOnRequest(
      deps,
      call,
      (request) => {
        requireState(request, ['documents_review', 'documents_pending', 'approval_pending'], 'a further requirement');
        const requirementId = `${ADDED}${newId('doc', call.now).slice(-10)}`;
        const added: RequirementOnRequest = {
          requirementId,
          ...call.body,
          required: true,
          acceptedEvidence: [],
          state: 'missing',
        };
        const papers = request.papers && { ...request.papers, known: true };
        const fields = { requirements: [...request.requirements, added], ...(papers ? { papers } : {}) };
        const pending =
          request.state === 'documents_review' ? ({ state: 'documents_pending', waitingFor: 'customer' } as const) : {};
        return { action: 'requirement_added', fields: { ...fields, ...pending }, signal: true };
      },
      201,
    ),
  );
}
