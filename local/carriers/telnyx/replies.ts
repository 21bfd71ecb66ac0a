import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Json, JsonObject } from '../kernel/simulator-port.ts';

/** Titles as in the carrier's error catalogue. */
const TITLES: Readonly<Record<string, string>> = {
  '10005': 'Resource not found',
  '10007': 'Unexpected error',
  '10009': 'Authentication failed',
  '10011': 'Too many requests',
  '10015': 'Bad Request',
  '10027': 'Unprocessable Entity',
  '20100': 'Insufficient Funds',
  '85000': 'Phone number not recently searched for',
  '85001': 'Phone number is no longer available',
  '85004': 'Invalid connection',
  '85005': 'Invalid messaging profile',
  '85006': 'Phone number already reserved',
  '85008': 'Reservation cannot be extended',
};

/** The carrier's error body: a list, codes as text. */
export function problemBody(code: string, detail: string, pointer?: string): JsonObject {
  const meta = { url: `https://developers.telnyx.com/docs/overview/errors/${code}` };
  return {
    errors: [{ code, title: TITLES[code] ?? 'Error', detail, meta, ...(pointer ? { source: { pointer } } : {}) }],
  };
}

/** A refusal on its way out of a route; a value class of its own so that a route can be left from any depth. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: ContentfulStatusCode;
  readonly body: JsonObject;
  constructor(status: ContentfulStatusCode, code: string, detail: string, pointer?: string) {
    super(detail);
    this.status = status;
    this.body = problemBody(code, detail, pointer);
  }
}

export const notFound = (what: string) => new Refused(404, '10005', `${what} could not be found`);

/** The request's JSON object; anything else is refused. */
export async function bodyOf(c: Context): Promise<JsonObject> {
  const text = await c.req.text();
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
  } catch {
    // answered below
  }
  throw new Refused(400, '10015', 'The request body is not a JSON object');
}

/** A page of a list with its `meta`; numbers from 1, 20 a page, at most 250. */
export function paged(c: Context, rows: readonly Json[]): Response {
  const number = Math.max(1, Number(c.req.query('page[number]') ?? 1) || 1);
  const size = Math.min(250, Math.max(1, Number(c.req.query('page[size]') ?? 20) || 20));
  const meta = {
    page_number: number,
    page_size: size,
    total_pages: Math.max(1, Math.ceil(rows.length / size)),
    total_results: rows.length,
  };
  return c.json({ data: rows.slice((number - 1) * size, number * size), meta });
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
export function object(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
