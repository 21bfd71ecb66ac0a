import * as z from 'zod';
import { listOf, route } from '../functions/contract/route.ts';

const LocalMail = z.object({
  id: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  messageKey: z.string(),
  numberRequestId: z.string().optional(),
  sentAt: z.string(),
});
export type LocalMail = z.infer<typeof LocalMail>;
const LocalPerson = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  tenantId: z.string().optional(),
});
const local = { tag: 'Local', scope: 'platform', roles: 'public', errors: [] } as const;

/** Aids of a gateway on one machine (api-map §1): no part of the published interface, hence declared here. */
export const localSignIn = route({
  ...local,
  method: 'post',
  path: '/local/sign-in',
  operationId: 'localSignIn',
  summary: 'A token for somebody of this installation, loopback only',
  body: z.strictObject({ email: z.string() }),
  returns: z.object({ accessToken: z.string(), expiresAt: z.string(), user: LocalPerson }),
});
export const localPeople = route({
  ...local,
  method: 'get',
  path: '/local/people',
  operationId: 'localPeople',
  summary: 'Who can sign in here',
  returns: listOf(LocalPerson),
});
export const localMails = route({
  ...local,
  method: 'get',
  path: '/local/mails',
  operationId: 'localMails',
  summary: 'Mails sent so far, oldest first',
  query: z.strictObject({ to: z.string().optional(), numberRequestId: z.string().optional() }),
  returns: listOf(LocalMail),
});
