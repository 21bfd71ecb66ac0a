import { Hono } from 'hono';
import * as z from 'zod';
import { Malformed, NotFound } from '../../functions/domain/errors.ts';
import type { Clock } from '../../functions/platform/clock.ts';
import type { SecretVersions } from '../../functions/platform/secrets.ts';
import { type AddressOf, loopbackOnly, socketAddress } from './sign-in-callers.ts';
import { authorizeRoutes } from './sign-in-oauth.ts';
import type { People, Person } from './sign-in-people.ts';
import { tokenIssuer } from './sign-in-tokens.ts';

export interface SignInOptions extends People {
  /** Public address of this gateway, without trailing slash: `iss` of the tokens. */
  readonly issuer: string;
  readonly clock: Clock;
  /** Signing key in its valid versions, made by `signingKey`. */
  readonly keys: () => Promise<SecretVersions>;
  /** Default: the Node server's socket. */
  readonly addressOf?: AddressOf;
}

/** Client of POST /local/sign-in. */
const LOCAL_CLIENT = 'local';
const SignIn = z.strictObject({ email: z.string().max(320) });

/**
 * The local OIDC issuer (code flow with PKCE) and its short cut for programs. No passwords: whoever is on the machine may
 * be anybody, hence loopback only. Errors are thrown for the app it is mounted on.
 */
export function signInRoutes(options: SignInOptions): Hono {
  const { issuer, clock, keys, addressOf = socketAddress } = options;
  const tokens = tokenIssuer(issuer, clock, keys);
  const app = new Hono();
  app.get('/.well-known/openid-configuration', (c) => c.json(configuration(issuer)));
  app.get('/oauth/jwks', async (c) => c.json(await tokens.jwks()));
  for (const path of ['/local/sign-in', '/local/people', '/oauth/authorize', '/oauth/token'])
    app.use(path, loopbackOnly(addressOf, issuer));
  app.route('/oauth', authorizeRoutes(options, tokens));
  app.get('/local/people', async (c) => {
    const people = await options.listPeople();
    return c.json({ object: 'list', data: people.map(shown), page: { hasMore: false } });
  });
  app.post('/local/sign-in', async (c) => {
    const body = SignIn.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) throw new Malformed({ code: 'malformed', detail: 'Send {"email":"…"}.' });
    const person = await options.findPerson(body.data.email);
    if (!person) throw new NotFound({ code: 'not_found', detail: 'Nobody signs in with this address.' });
    const { token, expiresAt } = await tokens.accessToken(person.id, LOCAL_CLIENT);
    c.header('cache-control', 'no-store');
    return c.json({
      accessToken: token,
      tokenType: 'Bearer',
      expiresAt: expiresAt.toISOString(),
      user: shown(person),
    });
  });
  return app;
}

function shown({ id, email, name, roles, tenantId }: Person) {
  return { id, email, name, roles, ...(tenantId === undefined ? {} : { tenantId }) };
}

function configuration(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/oauth/jwks`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    scopes_supported: ['openid', 'email', 'profile'],
    token_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
  };
}
