import type { Hono } from 'hono';
import { usedFor } from '../compliance/store.ts';
import { requireDocument } from '../compliance/upload-store.ts';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { newId } from '../domain/ids.ts';
import { actorOf } from '../platform/auth.ts';
import { actOnRequest } from './act.ts';
import { requireOther, requireState } from './decide.ts';
import { planInformation, planQuestion } from './information.ts';
import { planHandIn, planReview } from './papers-plan.ts';
import {
  addRequirement,
  askForInformation,
  giveInformation,
  handInRequirement,
  reviewDocuments,
} from './papers-routes.ts';
import type { RequirementOnRequest } from './papers-schema.ts';
import { requireCapLeft } from './prepare.ts';
import { ADDED } from './requirements.ts';

/** Questions, answers and papers of a request. */
export function bindPapers(app: Hono, deps: ApiDeps): void {
  bindAsking(app, deps);
  bind(app, deps, reviewDocuments, (call) =>
    actOnRequest(deps, call, (request) => {
      requireOther(request, call.who);
      return planReview(request, call.body);
    }),
  );
  bind(app, deps, handInRequirement, (call) =>
    actOnRequest(deps, call, async (request) => {
      const { documentId } = call.body;
      const document = documentId && (await requireDocument(deps, call, documentId, '#/documentId'));
      const planned = planHandIn(request, call.params.requirementId, call.body);
      const change = { action: 'handed_in', actor: actorOf(call.who), at: call.now };
      return document ? { ...planned, also: usedFor(document, request.id, change) } : planned;
    }),
  );
  bind(app, deps, giveInformation, (call) =>
    actOnRequest(deps, call, async (request) => {
      for (const id of call.body.documents ?? []) await requireDocument(deps, call, id, '#/documents');
      const planned = planInformation(request, call.body, call.now);
      if (planned.fields.named) await requireCapLeft(deps, call.scope, { ...request, ...planned.fields }, call.now);
      return planned;
    }),
  );
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
        // Also one more than the carrier has in hand: all go to it again, and the customer is told anew.
        const papers = request.papers && {
          ...request.papers,
          known: true,
          state: 'open' as const,
          revision: request.papers.revision + 1,
        };
        const fields = { requirements: [...request.requirements, added], ...(papers ? { papers } : {}) };
        const pending =
          request.state === 'documents_review' ? ({ state: 'documents_pending', waitingFor: 'customer' } as const) : {};
        return { action: 'requirement_added', fields: { ...fields, ...pending }, signal: true };
      },
      201,
    ),
  );
}
