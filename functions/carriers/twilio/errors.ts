import * as z from 'zod';
import type { AnswerText } from '../client.ts';
import type { Refusal } from '../outcome.ts';

type Meaning = Pick<Refusal, 'class' | 'code' | 'notProcessed'>;

const gone: Meaning = { class: 'NumberUnavailable', code: 'not_available' };
const account: Meaning = { class: 'CarrierUnusable', code: 'auth' };
const credit: Meaning = { class: 'CarrierUnusable', code: 'insufficient_funds' };
const address: Meaning = { class: 'DocumentsRequired', code: 'address_invalid' };
const papers: Meaning = { class: 'DocumentsRequired', code: 'documents_required' };

/** Twilio's error codes in our terms (twilio.com/docs/api/errors). What is not here is judged by its HTTP status. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  10001: credit, // account is not active: it is suspended when the balance reaches zero
  20003: account,
  20004: account,
  20005: credit, // account is not active; there is no code of its own for an empty balance
  20403: account,
  20404: { class: 'CarrierRefused', code: 'not_owned' },
  // Documented as "was not processed", so the same order may be sent again.
  20429: { class: 'CarrierBusy', code: 'rate_limited', notProcessed: true },
  21421: { class: 'CarrierRefused', code: 'bad_number' },
  21422: gone,
  21451: gone,
  21452: gone,
  21457: { class: 'CarrierRefused', code: 'bad_number' },
  21613: address,
  21615: address,
  21628: address,
  21631: address,
  21649: papers,
  21650: papers,
  21651: { class: 'DocumentsRequired', code: 'document_rejected' },
  22300: account, // the account may not buy numbers while its own compliance is open
};

const Problem = z.object({ code: z.number(), message: z.string().optional(), title: z.string().optional() });

/** Twilio's refusal in an answer, its code and text kept; undefined: none, or one without a code we know. */
export function twilioRefusal(answer: AnswerText): Refusal | undefined {
  if (answer.status < 400) return undefined;
  const problem = readProblem(answer.text);
  if (problem === undefined) return undefined;
  const meaning = MEANINGS[problem.code] ?? meaningOfStatus(answer.status);
  if (meaning === undefined) return undefined;
  const carrierText = (problem.message ?? problem.title ?? '').slice(0, 500);
  return { ...meaning, carrierCode: String(problem.code), ...(carrierText === '' ? {} : { carrierText }) };
}

function meaningOfStatus(status: number): Meaning | undefined {
  if (status >= 500) return undefined; // nobody knows whether it was executed
  if (status === 401 || status === 403) return account;
  if (status === 429) return { class: 'CarrierBusy', code: 'rate_limited', notProcessed: true };
  return { class: 'CarrierRefused', code: 'other' };
}

function readProblem(text: string): z.infer<typeof Problem> | undefined {
  try {
    return Problem.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
