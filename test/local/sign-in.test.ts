import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../functions/domain/errors.ts';
import { verifyAccessToken } from '../../functions/platform/jwt.ts';
import { testClock } from '../../local/engine/clock.ts';
import { signInRoutes } from '../../local/engine/sign-in.ts';
import type { Person } from '../../local/engine/sign-in-people.ts';
import { ALGORITHM, AUDIENCE, signingKey } from '../../local/engine/sign-in-tokens.ts';

const ISSUER = 'http://localhost:3000';
const ADMIN: Person = {
  id: 'usr_1',
  email: 'admin@acme.example',
  name: 'Ada <b>',
  roles: ['tenant_admin'],
  tenantId: 'ten_1',
};
const CS: Person = {
  id: 'usr_2',
  email: 'cs@numbergate.example',
  name: 'Cleo',
  roles: ['customer_success'],
  tenantId: undefined,
};
const KEY = signingKey();

function start({ keys = [KEY], address = '127.0.0.1', ownSocket = false } = {}) {
  const clock = testClock();
  const people = [ADMIN, CS];
  const routes = signInRoutes({
    issuer: ISSUER,
    clock,
    keys: async () => keys,
    findPerson: async (email) => people.find((person) => person.email === email),
    listPeople: async () => people,
    ...(ownSocket ? {} : { addressOf: () => address }),
  });
  const app = new Hono();
  app.route('/', routes);
  app.onError((error, c) => {
    if (error instanceof GatewayError) return c.json({ code: error.code }, error.status as 400);
    throw error;
  });
  const jwks = async () => (await app.request(`${ISSUER}/oauth/jwks`)).json();
  const verify = verifyAccessToken({ issuer: ISSUER, algorithm: ALGORITHM, keys: jwks, audience: AUDIENCE, clock });
  const post = (path: string, body: unknown, headers = {}) =>
    app.request(`${ISSUER}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const form = (path: string, fields: Record<string, string>, headers = {}) =>
    app.request(`${ISSUER}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers });
  return { app, clock, verify, post, form, jwks };
}

describe('POST /local/sign-in', () => {
  it('gives an access token of one hour and who it is for', async () => {
    const { post, verify } = start();
    const answer = await post('/local/sign-in', { email: ADMIN.email });
    const body = await answer.json();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresAt: '2026-01-15T10:00:00.000Z',
      user: ADMIN,
    });
    expect(await verify(body.accessToken)).toMatchObject({ subject: 'usr_1', issuer: ISSUER, clientId: 'local' });
    const { jti, ...claims } = decodeJwt(body.accessToken);
    expect(claims).toEqual({
      iss: ISSUER,
      sub: 'usr_1',
      aud: 'numbergate',
      client_id: 'local',
      token_use: 'access',
      iat: 1_768_467_600,
      exp: 1_768_471_200,
    });
    expect(jti).toBeDefined();
    expect(decodeProtectedHeader(body.accessToken).alg).toBe('ES256');
  });
  it('leaves out the tenant of staff, and tells nobody', async () => {
    const { post } = start();
    const { user } = await (await post('/local/sign-in', { email: CS.email })).json();
    expect(user).toEqual({ id: 'usr_2', email: CS.email, name: 'Cleo', roles: ['customer_success'] });
    expect((await post('/local/sign-in', { email: 'nobody@acme.example' })).status).toBe(404);
  });
  it.each([{}, { email: 1 }, { email: 'a', role: 'operator' }, 'x', null])('refuses %j', async (body) => {
    const { post } = start();
    expect((await post('/local/sign-in', body)).status).toBe(400);
  });
  it('X8: takes tokens of the former key until they expire', async () => {
    const token = async (keys: string[]) =>
      (await (await start({ keys }).post('/local/sign-in', { email: CS.email })).json()).accessToken;
    const [former, newest] = [KEY, signingKey()];
    const { verify, jwks } = start({ keys: [newest, former] });
    expect((await verify(await token([former]))).subject).toBe('usr_2');
    expect((await verify(await token([newest]))).subject).toBe('usr_2');
    await expect(verify(await token([signingKey()]))).rejects.toMatchObject({ code: 'invalid_token' });
    expect(JSON.stringify(await jwks())).not.toContain('"d"');
  });
});

describe('GET /local/people', () => {
  it('lists who can sign in', async () => {
    const answer = await start().app.request(`${ISSUER}/local/people`);
    const { tenantId: _, ...cs } = CS;
    expect(await answer.json()).toEqual({ object: 'list', data: [ADMIN, cs], page: { hasMore: false } });
  });
});

describe('only from this machine', () => {
  const paths = ['/local/people', '/oauth/authorize?x=1'];
  it.each(['10.0.0.5', '::ffff:10.0.0.5', '128.0.0.1', ''])('refuses the address %s', async (address) => {
    const { app, post, form } = start({ address });
    for (const path of paths) expect((await app.request(`${ISSUER}${path}`)).status).toBe(403);
    expect((await post('/local/sign-in', { email: CS.email })).status).toBe(403);
    expect((await form('/oauth/token', {})).status).toBe(403);
    expect((await app.request(`${ISSUER}/oauth/jwks`)).status).toBe(200);
  });
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('takes the address %s', async (address) => {
    expect((await start({ address }).app.request(`${ISSUER}/local/people`)).status).toBe(200);
  });
  it('refuses what came through a proxy, or under a name that is not ours', async () => {
    const { app } = start();
    const status = async (headers: Record<string, string>) =>
      (await app.request(`${ISSUER}/local/people`, { headers })).status;
    expect(await status({ 'x-forwarded-for': '10.0.0.5' })).toBe(403);
    expect(await status({ forwarded: 'for=10.0.0.5' })).toBe(403);
    expect(await status({ host: 'evil.example:3000' })).toBe(403);
    expect(await status({ host: '127.0.0.1:3000' })).toBe(200);
    expect(await status({ host: '[::1]:3000' })).toBe(200);
  });
  it('knows the address from the socket of the Node server', async () => {
    const { app } = start({ ownSocket: true });
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    await new Promise((done) => server.once('listening', done));
    const bound = server.address();
    const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
    const status = await new Promise((done) =>
      request({ port, host: '127.0.0.1', path: '/local/people' }, (answer) => {
        answer.resume();
        done(answer.statusCode);
      }).end(),
    );
    await new Promise((done) => server.close(done));
    expect(status).toBe(200);
    expect((await app.request(`${ISSUER}/local/people`)).status).toBe(403);
  });
});

describe('code flow with PKCE', () => {
  const verifier = randomBytes(32).toString('base64url');
  const asked = {
    response_type: 'code',
    client_id: 'console',
    redirect_uri: 'http://127.0.0.1:9999/callback',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 's&1',
    nonce: 'n1',
    scope: 'openid email',
  };
  const exchange = (code: string) => ({
    grant_type: 'authorization_code',
    code,
    redirect_uri: asked.redirect_uri,
    client_id: asked.client_id,
    code_verifier: verifier,
  });
  const signedIn = async (world: ReturnType<typeof start>, fields = {}) => {
    const answer = await world.form('/oauth/authorize', { ...asked, email: ADMIN.email, ...fields });
    return new URL(answer.headers.get('location') ?? 'about:blank').searchParams;
  };

  it('publishes where everything is', async () => {
    const body = await (await start().app.request(`${ISSUER}/.well-known/openid-configuration`)).json();
    expect(body).toMatchObject({
      issuer: ISSUER,
      jwks_uri: `${ISSUER}/oauth/jwks`,
      code_challenge_methods_supported: ['S256'],
    });
  });
  it('shows the people, with names as text', async () => {
    const page = await start().app.request(`${ISSUER}/oauth/authorize?${new URLSearchParams(asked)}`);
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(text).toContain('Ada &lt;b&gt;');
    expect(text).toContain('value="s&amp;1"');
    expect(text).toContain(CS.email);
  });
  it('gives a code, and for it an access token and an id token that is none', async () => {
    const world = start();
    const answer = await signedIn(world);
    expect(answer.get('state')).toBe('s&1');
    const tokens = await (await world.form('/oauth/token', exchange(answer.get('code') ?? ''))).json();
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'openid email' });
    expect(await world.verify(tokens.access_token)).toMatchObject({ subject: 'usr_1', clientId: 'console' });
    expect(decodeJwt(tokens.id_token)).toMatchObject({
      aud: 'console',
      nonce: 'n1',
      token_use: 'id',
      email: ADMIN.email,
    });
    await expect(world.verify(tokens.id_token)).rejects.toMatchObject({ code: 'invalid_token' });
  });
  it('takes a code once, for a minute, from who asked for it', async () => {
    const world = start();
    const status = async (fields: Record<string, string>) => (await world.form('/oauth/token', fields)).status;
    const fresh = async () => exchange((await signedIn(world)).get('code') ?? '');
    const used = await fresh();
    expect(await status(used)).toBe(200);
    expect(await status(used)).toBe(400);
    expect(await status({ ...(await fresh()), code_verifier: randomBytes(32).toString('base64url') })).toBe(400);
    expect(await status({ ...(await fresh()), client_id: 'other' })).toBe(400);
    expect(await status({ ...(await fresh()), redirect_uri: 'http://127.0.0.1:1/callback' })).toBe(400);
    expect(await status({})).toBe(400);
    const late = await fresh();
    world.clock.advance(60);
    expect(await status(late)).toBe(400);
  });
  it('says that nobody has the address', async () => {
    const answer = await signedIn(start(), { email: 'nobody@acme.example' });
    expect([answer.get('error'), answer.get('code')]).toEqual(['access_denied', null]);
  });
  it.each([
    { redirect_uri: 'https://evil.example/callback' },
    { redirect_uri: 'javascript:alert(1)' },
    { redirect_uri: 'http://127.0.0.1@evil.example/' },
    { redirect_uri: 'http://localhost.evil.example/' },
    { code_challenge_method: 'plain' },
    { code_challenge: '' },
    { response_type: 'token' },
    { client_id: 'a b' },
  ])('refuses %j', async (wrong) => {
    const world = start();
    expect((await world.form('/oauth/authorize', { ...asked, email: ADMIN.email, ...wrong })).status).toBe(400);
    const page = await world.app.request(`${ISSUER}/oauth/authorize?${new URLSearchParams({ ...asked, ...wrong })}`);
    expect(page.status).toBe(400);
  });
  it('lets no other site press the button', async () => {
    const { form } = start();
    const fields = { ...asked, email: ADMIN.email };
    expect((await form('/oauth/authorize', fields, { origin: 'https://evil.example' })).status).toBe(400);
    expect((await form('/oauth/authorize', fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(400);
    expect((await form('/oauth/authorize', fields, { origin: ISSUER })).status).toBe(303);
  });
});
