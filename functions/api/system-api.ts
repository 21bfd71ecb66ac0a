import type { Hono } from 'hono';
import { type ApiDeps, READY_CHECKS } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { openApiDocument } from '../contract/openapi.ts';
import type { Route } from '../contract/route.ts';
import { NotFound } from '../domain/errors.ts';
import { credentialOf } from '../platform/auth.ts';
import { PAGE_POLICY } from './page-style.ts';
import { problemPage } from './problems.ts';
import { referencePage } from './reference-page.ts';
import { getHealth, getMe, getOpenApi, getProblemPage, getReadiness, getReference } from './system-routes.ts';

const CHECK_MS = 1000;
const pageHeaders = { 'Content-Security-Policy': PAGE_POLICY };

/** Health, readiness and the caller's own identity. */
export function bindHealth(app: Hono, deps: ApiDeps): void {
  const { engine, version } = deps.settings;
  bind(app, deps, getHealth, ({ now }) => ({ status: 'ok' as const, engine, version, time: now.toISOString() }));
  bind(app, deps, getReadiness, async ({ requestId }) => {
    const checks = await readiness(deps, requestId);
    const ok = Object.values(checks).every((result) => result === 'ok');
    return reply({ status: ok ? 200 : 503, body: { status: ok ? 'ok' : 'degraded', checks } as const });
  });
  bind(app, deps, getMe, ({ who }) => {
    const { kind, name, email, roles, tenantId, permissions, scopes } = who;
    const object = kind === 'person' ? ('user' as const) : kind;
    return {
      id: credentialOf(who),
      object,
      name,
      email,
      roles: [...roles],
      tenantId,
      permissions: [...permissions],
      scopes: scopes && [...scopes],
    };
  });
}

/** The document, its page, and the pages behind problem types. Written once, on first use. */
export function bindDocumentation(app: Hono, deps: ApiDeps, routes: readonly Route[]): void {
  const document = once(() => openApiDocument(routes, { version: deps.settings.version, server: '/' }));
  const reference = once(async () => String(await referencePage(document())));
  bind(app, deps, getOpenApi, () => ({ ...document() }));
  bind(app, deps, getReference, async () => reply({ body: await reference(), headers: pageHeaders }));
  bind(app, deps, getProblemPage, async ({ params }) => {
    const found = await problemPage(params.code);
    if (!found) throw new NotFound({ code: 'not_found', detail: `There is no problem called ${params.code}.` });
    return reply({ body: String(found), headers: pageHeaders });
  });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

type Checks = Record<(typeof READY_CHECKS)[number], 'ok' | 'failing'>;

async function readiness(deps: ApiDeps, requestId: string): Promise<Checks> {
  const results = await Promise.all(
    READY_CHECKS.map(async (name) => {
      try {
        await within(CHECK_MS, deps.ready[name]());
        return [name, 'ok'] as const;
      } catch (cause) {
        deps.log.error('not_ready', cause, { requestId, check: name });
        return [name, 'failing'] as const;
      }
    }),
  );
  return Object.fromEntries(results) as Checks;
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
