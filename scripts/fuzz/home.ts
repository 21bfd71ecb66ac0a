import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../../local/gateway.ts';
import { readSettings } from '../../local/settings.ts';
import { type Asked, type Caller, type Furniture, furnish } from './furnish.ts';

const EMAILS: Readonly<Record<string, string>> = {
  customer: 'customer@acme.example',
  tenant_admin: 'admin@acme.example',
  customer_success: 'cs@numbergate.example',
  operator: 'operator@numbergate.example',
};
const STAFF = ['customer_success', 'operator'];

/** A gateway of its own in a temporary folder, with everybody signed in. */
export async function openHome() {
  const dataDir = mkdtempSync(join(tmpdir(), 'numbergate-fuzz-'));
  const env = {
    PORT: '0',
    SIMULATORS_PORT: '0',
    DATA_DIR: dataDir,
    TEST_CLOCK: '1',
    RATE_LIMIT_PER_MINUTE: '100000000',
  };
  const settings = { ...readSettings(env), searchDeadlineMs: 500 };
  const gateway = await startGateway({
    settings,
    env,
    logStream: { write: () => undefined },
  });
  const people = await Promise.all(
    Object.entries(EMAILS).map(async ([role, email]) => [role, await signIn(gateway.url, email)] as const),
  );
  const signed = new Map(people);
  const tenant = signed.get('tenant_admin')?.tenantId ?? '';
  const as = (role: string) => ({
    Authorization: `Bearer ${signed.get(role)?.token}`,
    ...(STAFF.includes(role) ? { 'Gateway-Tenant': tenant } : {}),
  });
  let rooms = 0;
  return {
    url: gateway.url,
    credentials: async (roles: readonly string[], turn: number) => {
      const may = roles.includes('any') ? Object.keys(EMAILS) : roles;
      return as(may[turn % may.length] ?? 'customer');
    },
    /** New things in the tenant, so that there is something to act on. */
    furnish: async (): Promise<Furniture> => {
      await putRight(gateway.url, tenant, as);
      const number = `+441223${String(600_000 + ++rooms)}`;
      return furnish(callerOf(gateway, as), `Mark${rooms}`, number);
    },
    async close() {
      await gateway.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Undoes what an earlier call may have done to the tenant as a whole. */
async function putRight(url: string, tenant: string, as: As): Promise<void> {
  const act = async (method: string, path: string, role: string, body?: object) => {
    const { 'Gateway-Tenant': given, ...bare } = as(role) as Record<string, string>;
    const platform = path.includes('/policy') && role === 'operator';
    const headers = {
      ...bare,
      ...(platform || !given ? {} : { 'Gateway-Tenant': given }),
      'Content-Type': 'application/json',
    };
    await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  };
  await act('DELETE', `/v1/tenants/${tenant}/suspension`, 'operator');
  await act('PUT', '/v1/tenant/billing', 'operator', { paymentMethod: 'valid', standing: 'good' });
  await act('PATCH', `/v1/tenants/${tenant}`, 'operator', { numberLimit: 100_000, dailyPurchaseCap: null });
  for (const country of ['GB', 'CO', 'GE', 'FR'])
    for (const role of ['operator', 'customer_success']) await act('DELETE', `/v1/countries/${country}/policy`, role);
}

async function signIn(url: string, email: string) {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}/local/sign-in`, { method: 'POST', headers, body: JSON.stringify({ email }) });
  const { accessToken, user } = (await answer.json()) as { accessToken: string; user: { tenantId?: string } };
  return { token: accessToken, tenantId: user.tenantId };
}

type As = (role: string) => Readonly<Record<string, string>>;
let keys = 0;
function callerOf(gateway: { readonly url: string; readonly simulatorsUrl: string | undefined }, as: As): Caller {
  const call = async (
    root: string,
    line: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Asked> => {
    const [method = 'GET', path = ''] = line.split(' ');
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const key = { 'Idempotency-Key': `furnish-${++keys}`, 'Content-Type': 'application/json' };
    const answer = await fetch(root + path, {
      method,
      headers: { ...headers, ...(method === 'GET' ? {} : key) },
      ...sent,
    });
    const text = await answer.text();
    return { status: answer.status, text, json: text === '' ? {} : JSON.parse(text) };
  };
  return {
    ask: (line, body) => call(gateway.url, line, body, as('tenant_admin')),
    async success(line, body) {
      const headers = as('customer_success');
      if (!line.endsWith('/approval')) return call(gateway.url, line, body, headers);
      const path = line.replace(/^\S+ /, '').replace(/\/approval$/, '');
      const seen = await fetch(gateway.url + path, { headers });
      return call(gateway.url, line, body, { ...headers, 'If-Match': seen.headers.get('etag') ?? '' });
    },
    control: (line, body) => call(`${gateway.simulatorsUrl}/_control/`, line, body, {}),
  };
}
