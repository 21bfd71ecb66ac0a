import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import * as z from 'zod';
import { Malformed } from '../../functions/domain/errors.ts';
import type { Clock } from '../../functions/platform/clock.ts';
import type { People, Person } from './sign-in-people.ts';
import { TOKEN_SECONDS, type TokenIssuer } from './sign-in-tokens.ts';

const CODE_MS = 60_000;

const Authorize = z.object({
  response_type: z.literal('code'),
  client_id: z.string().regex(/^[\w.-]{1,64}$/),
  redirect_uri: z.string().max(2000),
  code_challenge: z.string().regex(/^[\w-]{43}$/),
  code_challenge_method: z.literal('S256'),
  state: z.string().max(1000).optional(),
  nonce: z.string().max(1000).optional(),
  scope: z.string().max(200).optional(),
});
type Authorize = z.infer<typeof Authorize>;
const Exchange = z.object({
  grant_type: z.literal('authorization_code'),
  code: z.string(),
  redirect_uri: z.string(),
  client_id: z.string(),
  code_verifier: z.string().regex(/^[\w.~-]{43,128}$/),
});

interface Issued {
  readonly asked: Authorize;
  readonly person: Person;
  readonly expires: number;
}
export interface AuthorizeOptions extends People {
  readonly issuer: string;
  readonly clock: Clock;
}

/** `/authorize` and `/token`: authorization code with PKCE S256 (RFC 6749, 7636), a code good once and for a minute. */
export function authorizeRoutes(options: AuthorizeOptions, tokens: TokenIssuer): Hono {
  const { issuer, clock } = options;
  const codes = codeKeeper(clock);
  const app = new Hono();
  app.get('/authorize', async (c) => {
    const asked = readAuthorize(c.req.query(), issuer);
    c.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return c.html(signInPage(asked, await options.listPeople()));
  });
  app.post('/authorize', async (c) => {
    // The page's own form only: another site must not sign somebody in.
    if (!isOwnForm(c, issuer)) throw new Malformed({ code: 'malformed', detail: 'Use the sign-in page.' });
    const form = await c.req.parseBody();
    const asked = readAuthorize(form, issuer);
    const person = await options.findPerson(String(form['email']));
    const answer = new URL(asked.redirect_uri);
    if (person) answer.searchParams.set('code', codes.issue(asked, person));
    else answer.searchParams.set('error', 'access_denied');
    if (asked.state !== undefined) answer.searchParams.set('state', asked.state);
    return c.redirect(answer.href, 303);
  });
  app.post('/token', async (c) => {
    c.header('cache-control', 'no-store');
    const sent = Exchange.safeParse(await c.req.parseBody());
    if (!sent.success) return c.json({ error: 'invalid_request' }, 400);
    const issued = codes.take(sent.data.code);
    if (!issued || !fits(issued.asked, sent.data)) return c.json({ error: 'invalid_grant' }, 400);
    return c.json(await grant(issued, tokens));
  });
  return app;
}

/** Codes live in memory: one that a restart loses only means to press the button again. */
function codeKeeper(clock: Clock) {
  const codes = new Map<string, Issued>();
  return {
    issue(asked: Authorize, person: Person): string {
      const now = clock.now().getTime();
      for (const [code, { expires }] of codes) if (expires <= now) codes.delete(code);
      const code = randomBytes(32).toString('base64url');
      codes.set(code, { asked, person, expires: now + CODE_MS });
      return code;
    },
    take(code: string): Issued | undefined {
      const issued = codes.get(code);
      codes.delete(code);
      return issued && issued.expires > clock.now().getTime() ? issued : undefined;
    },
  };
}

function readAuthorize(sent: unknown, issuer: string): Authorize {
  const asked = Authorize.safeParse(sent);
  if (asked.success && isOurs(asked.data.redirect_uri, issuer)) return asked.data;
  const detail =
    'Needs response_type=code, client_id, redirect_uri (this gateway or loopback), code_challenge with S256.';
  throw new Malformed({ code: 'malformed', detail });
}

/** This gateway's own pages, or a program listening on this machine (RFC 8252). */
function isOurs(redirect: string, issuer: string): boolean {
  if (!URL.canParse(redirect)) return false;
  const { protocol, hostname, origin, username, hash } = new URL(redirect);
  if (username !== '' || hash !== '') return false;
  return origin === new URL(issuer).origin || (protocol === 'http:' && LOCAL_NAMES.includes(hostname));
}
const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

function isOwnForm(c: Context, issuer: string): boolean {
  const origin = c.req.header('origin');
  if (origin === undefined) return c.req.header('sec-fetch-site') === undefined;
  return origin === new URL(issuer).origin || origin === new URL(c.req.url).origin;
}

function fits(asked: Authorize, sent: z.infer<typeof Exchange>): boolean {
  const challenge = createHash('sha256').update(sent.code_verifier).digest('base64url');
  const isVerified = timingSafeEqual(Buffer.from(challenge), Buffer.from(asked.code_challenge));
  return isVerified && sent.client_id === asked.client_id && sent.redirect_uri === asked.redirect_uri;
}

async function grant({ asked, person }: Issued, tokens: TokenIssuer) {
  const { token } = await tokens.accessToken(person.id, asked.client_id);
  const answer = { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS };
  if (!asked.scope?.split(' ').includes('openid')) return answer;
  const claims = { email: person.email, name: person.name, nonce: asked.nonce };
  return { ...answer, scope: asked.scope, id_token: await tokens.idToken(person.id, asked.client_id, claims) };
}

function signInPage(asked: Authorize, people: readonly Person[]) {
  const hidden = Object.entries(asked).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const buttons = people.map(
    ({ email, name, roles }) =>
      html`<li><button name="email" value="${email}">${name} <small>${email} · ${roles.join(', ')}</small></button></li>`,
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in · Numbergate</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem}ul{list-style:none;padding:0}
button{font:inherit;width:100%;text-align:start;padding:.6rem 1rem;margin:.2rem 0}small{opacity:.7}</style></head>
<body><main><h1>Sign in</h1><p>This is the local issuer: choose who you are.</p>
<form method="post">${hidden}<ul>${buttons}</ul></form></main></body></html>`;
}
