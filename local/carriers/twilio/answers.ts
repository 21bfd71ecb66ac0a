import type { Context } from 'hono';
import type { Json, JsonObject, SimWorld } from '../kernel/simulator-port.ts';

/** A refusal in Twilio's form: `{code, message, more_info, status}`. */
export function problem(status: 400 | 401 | 403 | 404 | 429 | 500, code: number, message: string): Response {
  return Response.json(problemBody(status, code, message), { status });
}

export function problemBody(status: number, code: number, message: string): JsonObject {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

/** What is not there: a number, a document, or a type of number that a country does not have. */
export function notFound(path: string): Response {
  return problem(404, 20404, `The requested resource ${path} was not found`);
}

/** Refuses a request without this account's SID and token; undefined when it may pass. */
export function credentialProblem(c: Context, world: SimWorld): Response | undefined {
  const sid = world.credentials['TWILIO_ACCOUNT_SID'] ?? '';
  const token = world.credentials['TWILIO_AUTH_TOKEN'] ?? '';
  const expected = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`;
  if (token !== '' && c.req.header('authorization') === expected) return undefined;
  return problem(401, 20003, 'Authenticate');
}

interface Paging {
  readonly page: number;
  readonly size: number;
}

/** `Page` and `PageSize` of a list (50 unless told, 1000 at most). */
function paging(c: Context): Paging {
  const size = Number(c.req.query('PageSize') ?? 50);
  return { page: Math.max(0, Number(c.req.query('Page') ?? 0) || 0), size: Math.min(1000, Math.max(1, size || 50)) };
}

function pathOf(c: Context, { page, size }: Paging): string {
  const { pathname, searchParams } = new URL(c.req.url);
  searchParams.set('PageSize', String(size));
  searchParams.set('Page', String(page));
  return `${pathname}?${searchParams}`;
}

/** A list of the 2010 interface: addresses of further pages are relative. */
export function listPage(c: Context, key: string, rows: readonly Json[]): Response {
  const { page, size } = paging(c);
  const shown = rows.slice(page * size, (page + 1) * size);
  const hasNext = rows.length > (page + 1) * size;
  return c.json({
    [key]: shown,
    uri: pathOf(c, { page, size }),
    first_page_uri: pathOf(c, { page: 0, size }),
    next_page_uri: hasNext ? pathOf(c, { page: page + 1, size }) : null,
    previous_page_uri: page > 0 ? pathOf(c, { page: page - 1, size }) : null,
    page,
    page_size: size,
    start: page * size,
    end: page * size + Math.max(0, shown.length - 1),
  });
}

/** A list of the newer interfaces: addresses are absolute and followed as they are, so they name this host. */
export function metaPage(c: Context, world: SimWorld, rows: readonly Json[]): Response {
  const { page, size } = paging(c);
  const at = (number: number) => `${world.publicUrl}${pathOf(c, { page: number, size })}`;
  return c.json({
    results: rows.slice(page * size, (page + 1) * size),
    meta: {
      page,
      page_size: size,
      first_page_url: at(0),
      previous_page_url: page > 0 ? at(page - 1) : null,
      url: at(page),
      next_page_url: rows.length > (page + 1) * size ? at(page + 1) : null,
      key: 'results',
    },
  });
}

/** The fields of a form, plain or multipart; files only by name and kind. */
export async function formOf(c: Context): Promise<Readonly<Record<string, string>>> {
  const body = await c.req.parseBody();
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) fields[name] = value instanceof File ? value.type : String(value);
  return fields;
}

/** JSON text in a form field; undefined when it is none. */
export function attributesOf(text: string | undefined): JsonObject | undefined {
  try {
    return JSON.parse(text ?? '{}') as JsonObject;
  } catch {
    return undefined;
  }
}
