import type { Context } from 'hono';
import type { SimAnswerText } from '../kernel/simulator-port.ts';

type Status = 200 | 400 | 401 | 404 | 420 | 429 | 500;

/** The numbers API: success and failure in one shape, the code a text. */
export function result(c: Context, code: Status, label: string): Response {
  return c.json({ 'error-code': String(code), 'error-code-label': label }, code as 200);
}

/** A failure that comes inside HTTP 200, as some do. */
export function failureInside200(c: Context, label: string): Response {
  return c.json({ 'error-code': '420', 'error-code-label': label });
}

export const METHOD_FAILED = 'method failed';
export const FROM_DASHBOARD =
  'Numbers from this country can be requested from the Dashboard (https://dashboard.nexmo.com/buy-numbers) as they require a valid local address to be provided before being purchased.';
export const NO_CREDIT = 'Insufficient account balance to buy this number';

/** The newer APIs: problem documents. */
export function problemDocument(c: Context, status: Status, title: string, detail: string): Response {
  const type = `https://developer.nexmo.com/api-errors#${title.toLowerCase().replaceAll(' ', '-')}`;
  return c.json({ type, title, detail, instance: 'f0e1d2c3b4a5968778695a4b3c2d1e0f' }, status as 200);
}

/** Wording of the generic faults. */
export function genericProblem(kind: 'rate_limited' | 'server_error'): SimAnswerText {
  const [status, label] = kind === 'rate_limited' ? [429, 'too many requests'] : [500, 'internal error'];
  const body = JSON.stringify({ 'error-code': String(status), 'error-code-label': label });
  return { status, headers: { 'content-type': 'application/json' }, body };
}
