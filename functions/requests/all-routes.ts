import type { Route } from '../contract/route.ts';
import { createRequestComment, listRequestComments } from './comment-routes.ts';
import {
  acceptTerms,
  approveNumberRequest,
  offerTerms,
  refuseTerms,
  rejectNumberRequest,
  undoApproval,
} from './decision-routes.ts';
import { changeTask, listTasks, resolveTask, takeNextTask } from './inbox-routes.ts';
import {
  addRequirement,
  askForInformation,
  giveInformation,
  handInRequirement,
  reviewDocuments,
} from './papers-routes.ts';
import {
  cancelNumberRequest,
  changeNumberRequest,
  createNumberRequest,
  getNumberRequest,
  listNumberRequests,
} from './routes.ts';
import {
  changeTicket,
  createTicket,
  createTicketComment,
  getTicket,
  listTicketComments,
  listTickets,
} from './ticket-routes.ts';

/** All lines of this room, for the document and the checks over all operations. */
export const requestRoutes: readonly Route[] = [
  createNumberRequest,
  listNumberRequests,
  getNumberRequest,
  changeNumberRequest,
  cancelNumberRequest,
  createRequestComment,
  listRequestComments,
  approveNumberRequest,
  undoApproval,
  rejectNumberRequest,
  offerTerms,
  acceptTerms,
  refuseTerms,
  reviewDocuments,
  askForInformation,
  giveInformation,
  addRequirement,
  handInRequirement,
  listTasks,
  takeNextTask,
  changeTask,
  resolveTask,
  listTickets,
  createTicket,
  getTicket,
  changeTicket,
  createTicketComment,
  listTicketComments,
];
