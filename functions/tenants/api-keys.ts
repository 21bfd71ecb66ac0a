import type { Hono } from 'hono';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { InvalidInput } from '../domain/errors.ts';
import { ApiKeyId } from '../domain/ids.ts';
import { mintApiKey } from '../platform/auth-api-key.ts';
import { changeBy, pageOf, present, type TenantDeps } from './act.ts';
import { createApiKey, listApiKeys, removeApiKey } from './key-routes.ts';
import type { ApiKey } from './key-schema.ts';
import { apiKeys, findApiKey, lastUseOf, listApiKeyRecords, useForgotten } from './key-store.ts';

/** Keys of a tenant's own software: made by a person, shown once, withdrawn at any time. */
export function bindApiKeys(app: Hono, deps: TenantDeps): void {
  const { table } = deps;
  bind(app, deps, listApiKeys, async (call) => {
    const { items, next } = await listApiKeyRecords(table, call.scope, pageOf(call));
    const data = await Promise.all(items.map(async (key) => view(key, await lastUseOf(table, key.id))));
    return call.page({ data, next });
  });
  bind(app, deps, createApiKey, async (call) => {
    const { body, now, scope, who } = call;
    requireFuture(body.expiresAt, now);
    const minted = mintApiKey('live', now);
    const stamp = { createdAt: now.toISOString(), updatedAt: now.toISOString() };
    const fields = {
      ...body,
      ...stamp,
      id: ApiKeyId.parse(minted.keyId),
      object: 'api_key' as const,
      tenantId: scope.tenantId,
      scopes: [...new Set(body.scopes)],
      secretHash: minted.secretHash,
      createdBy: { id: who.id, name: who.name, email: who.email },
    };
    const { record, writes } = apiKeys.create(fields, changeBy(call, 'created'));
    // What is kept for a repeat is without the key: it lies nowhere.
    await table.write([...writes, ...call.idempotency.complete(reply({ body: view(record) }))]);
    return reply({ body: { ...view(record), key: minted.text } });
  });
  bind(app, deps, removeApiKey, async (call) => {
    const before = present(await findApiKey(table, call.scope, call.params.id), 'API key');
    await table.write([...apiKeys.remove(before, changeBy(call, 'removed')), useForgotten(before.id)]);
  });
}

function view({ version: _v, secretHash: _s, createdBy, ...shown }: ApiKey, lastUsedAt?: string) {
  const { id, name } = createdBy;
  return { ...shown, createdBy: { id, name }, ...(lastUsedAt === undefined ? {} : { lastUsedAt }) };
}

function requireFuture(expiresAt: string | undefined, now: Date): void {
  if (expiresAt === undefined || Date.parse(expiresAt) > now.getTime()) return;
  const detail = 'A key that has run out already is of no use.';
  throw new InvalidInput({
    code: 'past_time',
    detail,
    errors: [{ pointer: '#/expiresAt', code: 'past_time', detail, remedy: 'Name a later time, or leave it out.' }],
  });
}
