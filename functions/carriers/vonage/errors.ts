import type { AnswerText } from '../client.ts';
import type { Refusal } from '../outcome.ts';

/** Answered with every refusal of the numbers API, also inside HTTP 200; only the label tells the reasons apart. */
export const METHOD_FAILED = '420';

/**
 * Vonage's errors in our terms. The numbers API writes success and failure in one shape (`error-code` is a text, and 420
 * comes inside HTTP 200 too), the newer APIs problem documents (vonage.md §0).
 */
export function refusal({ status, text }: AnswerText): Refusal | undefined {
  const body = readObject(text);
  const given = body['error-code'];
  const code = given === undefined ? String(status) : String(given);
  const label = firstText(body['error-code-label'], body['detail'], body['title']);
  if (status < 300) return given === undefined || code === '200' ? undefined : refusalOfCode(code, label);
  return status < 400 ? undefined : refusalOfCode(code === '200' ? String(status) : code, label || text);
}

function refusalOfCode(code: string, label: string): Refusal {
  const carrier = { carrierCode: code, carrierText: label.slice(0, 500) };
  if (code === '401' || code === '403') return { class: 'CarrierUnusable', code: 'auth', ...carrier };
  if (code === '402') return { class: 'CarrierUnusable', code: 'insufficient_funds', ...carrier };
  if (code === '429') return { class: 'CarrierBusy', code: 'rate_limited', notProcessed: true, ...carrier };
  if (/^5\d\d$/.test(code)) return { class: 'CarrierBusy', code: 'carrier_down', ...carrier };
  return code === METHOD_FAILED ? { ...refusalOfLabel(label), ...carrier } : { ...OTHER, ...carrier };
}

const OTHER = { class: 'CarrierRefused', code: 'other' } as const;

/** What a label of 420 says by itself; most say nothing ("method failed"), and the adapter has to look. */
function refusalOfLabel(label: string): Pick<Refusal, 'class' | 'code'> {
  if (/dashboard|address|document/i.test(label)) return { class: 'DocumentsRequired', code: 'documents_required' };
  if (/balance|credit|funds/i.test(label)) return { class: 'CarrierUnusable', code: 'insufficient_funds' };
  return OTHER;
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

function firstText(...values: readonly unknown[]): string {
  return values.filter((value) => typeof value === 'string').find((value) => value !== '') ?? '';
}
