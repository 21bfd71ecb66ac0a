import type { Hono } from 'hono';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { actOnRequest } from './act.ts';
import { planApproval, planRejection, planUndo, termsOf } from './approval.ts';
import { requireOther, requireState } from './decide.ts';
import {
  acceptTerms,
  approveNumberRequest,
  offerTerms,
  refuseTerms,
  rejectNumberRequest,
  undoApproval,
} from './decision-routes.ts';
import { planAcceptance, planOffer, planRefusal } from './terms.ts';

/** Approval, rejection, terms and the customer's answer to them. */
export function bindDecisions(app: Hono, deps: ApiDeps): void {
  bind(app, deps, approveNumberRequest, (call) =>
    actOnRequest(deps, call, (request) => planApproval(request, call.who, call.body, call.now)),
  );
  bind(app, deps, undoApproval, (call) => actOnRequest(deps, call, (request) => planUndo(request, call.now)));
  bind(app, deps, rejectNumberRequest, (call) =>
    actOnRequest(deps, call, (request) => planRejection(request, call.who, call.body, call.now)),
  );
  bind(app, deps, offerTerms, (call) =>
    actOnRequest(deps, call, (request) => {
      requireOther(request, call.who);
      requireState(request, ['terms_pending', 'quote_pending'], 'offering terms');
      return planOffer(request, call.who, termsOf(request, call.body, call.now), call.now);
    }),
  );
  bind(app, deps, acceptTerms, (call) =>
    actOnRequest(deps, call, (request) => planAcceptance(request, call.body.termsVersion, call.now)),
  );
  bind(app, deps, refuseTerms, (call) =>
    actOnRequest(deps, call, (request) => planRefusal(request, call.who, call.body.reason, call.now)),
  );
}
