import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NASTY } from '../../scripts/fuzz/inputs.ts';
import { EMAILS, expectProblem, type House, key, openHouse } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

describe('§1 health and documents', () => {
  it('/health tells status, engine, version and time, to anybody', async () => {
    const { status, json, headers } = await house.ask('GET /health');
    expect(status).toBe(200);
    expect(json).toEqual({
      status: 'ok',
      engine: 'local',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      time: expect.stringMatching(INSTANT),
    });
    expect(headers.get('request-id')).toMatch(/^[0-9a-z]{26}$/);
  });

  it('/health/ready names each check', async () => {
    const { status, json } = await house.ask('GET /health/ready');
    expect(status).toBe(200);
    const checks = { table: 'ok', workflows: 'ok', outbox: 'ok', blobs: 'ok', secrets: 'ok' };
    expect(json).toEqual({ status: 'ok', checks });
  });

  it('/openapi.json is an OpenAPI 3.1 document; /reference a page', async () => {
    const { json } = await house.ask('GET /openapi.json');
    expect(json.openapi).toMatch(/^3\.1/);
    const page = await house.ask('GET /reference');
    expect([page.status, page.type]).toEqual([200, 'text/html']);
  });

  it.each(
    `tenant_required not_allowed missing_scope not_found idempotency_key_required stale_version precondition_required
    restricted_country unsupported_country wrong_state own_request own_approval already_decided too_late terms_changed
    terms_expired number_limit_reached payment_method_missing billing_not_in_good_standing invalid_number
    purchase_cap_reached tenant_suspended price_required file_too_large file_type_not_allowed in_use cursor_mismatch
    idempotency_key_reused idempotency_in_progress number_unavailable not_enough_numbers ownership_not_convertible
    workflow_bound unknown_target number_not_active forward_not_allowed extension_in_use`.split(/\s+/),
  )('/problems/%s has a page', async (code) => {
    const page = await house.ask(`GET /problems/${code}`);
    expect([page.status, page.type]).toEqual([200, 'text/html']);
    expect(page.text).toContain(code);
  });
  it('/problems of an unknown code is 404', async () => {
    expect((await house.ask('GET /problems/no_such_code')).status).toBe(404);
  });
});

describe('§1 sign-in', () => {
  it('the issuer describes itself and its keys', async () => {
    const { json } = await house.ask('GET /.well-known/openid-configuration');
    expect(json.issuer).toBe(house.url);
    expect(json.code_challenge_methods_supported).toContain('S256');
    expect(new URL(json.authorization_endpoint).pathname).toBe('/oauth/authorize');
    expect(new URL(json.token_endpoint).pathname).toBe('/oauth/token');
    const keys = (await house.ask('GET /oauth/jwks')).json.keys;
    expect(keys.length).toBeGreaterThan(0);
    for (const one of keys) expect(one).not.toHaveProperty('d');
  });

  it.each(Object.entries(EMAILS))('%s signs in', async (name, email) => {
    const { status, json } = await house.ask('POST /local/sign-in', { body: { email } });
    expect(status).toBe(200);
    const staff = email.endsWith('numbergate.example');
    const roles = { customer: 'customer', admin: 'tenant_admin', globex: 'tenant_admin', operator: 'operator' };
    expect(json).toEqual({
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      tokenType: 'Bearer',
      expiresAt: expect.stringMatching(INSTANT),
      user: {
        id: expect.stringMatching(/^usr_[0-9a-z]{26}$/),
        email,
        name: expect.any(String),
        roles: [roles[name as keyof typeof roles] ?? 'customer_success'],
        ...(staff ? {} : { tenantId: expect.stringMatching(/^ten_[0-9a-z]{26}$/) }),
      },
    });
  });

  it('refuses an unknown person, a malformed body and an unknown field', async () => {
    expectProblem(await house.ask('POST /local/sign-in', { body: { email: 'x@y.example' } }), 404, 'not_found');
    expectProblem(await house.ask('POST /local/sign-in', { raw: '{' }), 400);
    expectProblem(await house.ask('POST /local/sign-in', { body: { email: EMAILS.admin, role: 'operator' } }), 400);
    expectProblem(await house.ask('POST /local/sign-in', { body: {} }), 400);
  });

  it('/local/people lists the ready-made people', async () => {
    const { json } = await house.ask('GET /local/people');
    expect(json).toMatchObject({ object: 'list', page: { hasMore: false } });
    const emails = json.data.map((one: { email: string }) => one.email);
    expect(emails).toEqual(expect.arrayContaining(Object.values(EMAILS)));
  });

  it('/local answers nobody who came through a proxy or under a foreign name', async () => {
    for (const path of ['POST /local/sign-in', 'GET /local/people', 'GET /local/mails', 'POST /local/clock']) {
      const reply = await house.ask(path, { headers: { 'x-forwarded-for': '10.0.0.1' } });
      expectProblem(reply, 403);
    }
  });

  it('code flow with PKCE: page, form, code, token; once only; an id token is no access token', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const asked = {
      response_type: 'code',
      client_id: 'console',
      redirect_uri: 'http://127.0.0.1:9/callback',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      scope: 'openid',
      state: 'a state',
    };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const page = await house.ask(`GET /oauth/authorize?${new URLSearchParams(asked)}`);
    expect([page.status, page.type]).toEqual([200, 'text/html']);
    for (const email of Object.values(EMAILS)) expect(page.text).toContain(email);
    const raw = new URLSearchParams({ ...asked, email: EMAILS.admin }).toString();
    const back = await house.ask('POST /oauth/authorize', { raw, headers: form });
    expect([302, 303]).toContain(back.status);
    const answer = new URL(back.headers.get('location') ?? '');
    expect(answer.origin + answer.pathname).toBe(asked.redirect_uri);
    expect(answer.searchParams.get('state')).toBe('a state');
    const grant = {
      grant_type: 'authorization_code',
      code: answer.searchParams.get('code') ?? '',
      redirect_uri: asked.redirect_uri,
      client_id: 'console',
      code_verifier: verifier,
    };
    const exchange = (more: object = {}) =>
      house.ask('POST /oauth/token', { raw: new URLSearchParams({ ...grant, ...more }).toString(), headers: form });
    const tokens = await exchange();
    expect(tokens.status).toBe(200);
    expect(tokens.json).toMatchObject({
      token_type: 'Bearer',
      access_token: expect.any(String),
      id_token: expect.any(String),
    });
    const me = (token: string) => house.ask('GET /v1/me', { headers: { authorization: `Bearer ${token}` } });
    expect((await me(tokens.json.access_token)).json.id).toBe(house.ids.admin);
    expectProblem(await me(tokens.json.id_token), 401);
    expect((await exchange()).status, 'a code is good once').toBe(400);
    expect((await exchange({ code: 'x' })).status).toBe(400);
    const elsewhere = new URLSearchParams({ ...asked, redirect_uri: 'https://evil.example/' });
    expect((await house.ask(`GET /oauth/authorize?${elsewhere}`)).status).toBe(400);
  });

  it('what is not in the document survives hostile input too: no 5xx, nothing of the inside', async () => {
    const paths = [
      '/local/sign-in',
      '/local/people',
      '/local/mails',
      '/local/clock',
      '/oauth/authorize',
      '/oauth/token',
      '/oauth/jwks',
    ];
    const more = [
      '/.well-known/openid-configuration',
      '/',
      '/files/x',
      '/blobs/x',
      '/fallback/x',
      '/inbound/x/voice',
      '/problems/x',
    ];
    const place = fc.tuple(
      fc.constantFrom(...paths, ...more),
      fc.constantFrom(...NASTY),
      fc.constantFrom('to', 'code', 'email', 'x'),
    );
    const call = fc.tuple(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
      place,
      fc.oneof(fc.constantFrom(...NASTY), fc.json()),
    );
    for (const [method, [path, word, name], raw] of fc.sample(call, { numRuns: 300, seed: 3 })) {
      const query = `?${name}=${encodeURIComponent(word.toWellFormed())}`;
      const reply = await house.ask(`${method} ${path}${query}`, method === 'GET' ? {} : { raw });
      expect(reply.status, `${method} ${path}${query}`).toBeLessThan(500);
      expect(reply.text).not.toMatch(/at .*\.ts:\d+|node_modules|SQLITE/);
    }
  });

  it('/v1/me is the signed-in user', async () => {
    const { status, json } = await house.ask('GET /v1/me', { as: 'admin' });
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: house.ids.admin, roles: ['tenant_admin'], tenantId: house.acme, permissions: [] });
    const staff = await house.ask('GET /v1/me', { as: 'cs', tenant: false });
    expect(staff.json).toMatchObject({ id: house.ids.cs, roles: ['customer_success'] });
    expect(staff.json).not.toHaveProperty('tenantId');
  });
});

describe('§1 mails and the test clock', () => {
  it('/local/mails lists a mail by receiver and request, with exactly the fields of the page', async () => {
    const body = { country: 'CO', quantity: 1 };
    const made = await house.ask('POST /v1/number-requests', { as: 'customer', body, key: key() });
    await house.gateway.idle();
    const { json } = await house.ask(`GET /local/mails?numberRequestId=${made.json.id}`);
    expect(json).toMatchObject({ object: 'list', page: { hasMore: false } });
    expect(json.data.map((mail: { messageKey: string }) => mail.messageKey).toSorted()).toEqual([
      `${made.json.id}.opened.customer_success`,
      `${made.json.id}.opened.requester`,
    ]);
    for (const mail of json.data)
      expect(mail).toEqual({
        id: expect.any(String),
        to: [expect.any(String)],
        subject: expect.any(String),
        text: expect.any(String),
        html: expect.any(String),
        messageKey: expect.any(String),
        numberRequestId: made.json.id,
        sentAt: expect.stringMatching(INSTANT),
      });
    const mine = await house.ask(`GET /local/mails?to=${EMAILS.customer}&numberRequestId=${made.json.id}`);
    expect(mine.json.data.map((mail: { to: string[] }) => mail.to)).toEqual([[EMAILS.customer]]);
    const theirs = await house.ask(`GET /local/mails?to=${EMAILS.cs}&numberRequestId=${made.json.id}`);
    expect(theirs.json.data).toHaveLength(1);
  });

  it('/local/mails refuses an unknown parameter', async () => {
    expectProblem(await house.ask('GET /local/mails?number=1'), 400);
  });

  it('/local/clock goes on by seconds or to an instant, never back', async () => {
    const before = Date.parse((await house.ask('GET /health')).json.time);
    const moved = await house.ask('POST /local/clock', { body: { advanceSeconds: 90 } });
    expect(moved.status).toBe(200);
    expect(Object.keys(moved.json)).toEqual(['now']);
    expect(Date.parse(moved.json.now) - before).toBeGreaterThanOrEqual(90_000);
    const now = new Date(Date.parse(moved.json.now) + 60_000).toISOString();
    const set = await house.ask('POST /local/clock', { body: { now } });
    expect(Math.abs(Date.parse(set.json.now) - Date.parse(now))).toBeLessThan(2000);
    expect(Date.parse((await house.ask('GET /health')).json.time)).toBeGreaterThanOrEqual(Date.parse(now));
    expectProblem(await house.ask('POST /local/clock', { body: { now: '2020-01-01T00:00:00Z' } }), 422);
    for (const advanceSeconds of [0, -5])
      expectProblem(await house.ask('POST /local/clock', { body: { advanceSeconds } }), 422);
  });

  it.each([
    [{}],
    [{ advanceSeconds: '60' }],
    [{ advanceSeconds: 60, now: '2031-01-01T00:00:00Z' }],
    [{ seconds: 1 }],
    [[]],
  ])('/local/clock refuses %j with 400', async (body) =>
    expectProblem(await house.ask('POST /local/clock', { body }), 400),
  );
  it.each(['tomorrow', '2031-13-45T00:00:00Z'])('/local/clock refuses now %j', async (now) => {
    const reply = await house.ask('POST /local/clock', { body: { now } });
    expect([400, 422]).toContain(reply.status);
  });

  it('there is no clock to move without TEST_CLOCK=1', async () => {
    const plain = await openHouse({ TEST_CLOCK: '0' });
    try {
      expectProblem(await plain.ask('POST /local/clock', { body: { advanceSeconds: 1 } }), 404);
    } finally {
      await plain.close();
    }
  });
});
