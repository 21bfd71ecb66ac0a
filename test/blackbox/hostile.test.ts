import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownFrom } from '../../scripts/fuzz/furnish.ts';
import { fuzz } from '../../scripts/fuzz/run.ts';
import { furnishTenant } from './furnished.ts';
import { type House, openHouse } from './house.ts';

/** Calls of an operation that writes; one that reads has little to get wrong. `npm run fuzz` makes thousands. */
const COUNT = 60;
let house: House;
beforeAll(async () => {
  house = await openHouse({ SEARCH_DEADLINE_MS: '500' });
}, 30_000);
afterAll(() => house.close());

describe('inputs made from /openapi.json (reliability §8)', () => {
  it(`no 5xx, nothing undocumented, nothing invalid accepted, nothing valid called malformed: ${COUNT} calls an operation`, async () => {
    const furniture = await furnishTenant(house, 'admin', 'Mark', '+441223799001');
    const people = {
      customer: 'customer',
      tenant_admin: 'admin',
      customer_success: 'cs',
      operator: 'operator',
    } as const;
    const emails = {
      customer: 'customer@acme.example',
      admin: 'admin@acme.example',
      cs: 'cs@numbergate.example',
      operator: 'operator@numbergate.example',
    };
    const results = await fuzz({
      url: house.url,
      count: ({ method }) => (method === 'GET' || method === 'DELETE' ? COUNT / 4 : COUNT),
      seed: 20_261_121,
      known: () => knownFrom(furniture),
      async credentials(roles, turn) {
        const may = roles.includes('any') ? Object.keys(people) : roles;
        const role = (may[turn % may.length] ?? 'customer') as keyof typeof people;
        const token = await house.token(emails[people[role]]);
        const staff = role === 'customer_success' || role === 'operator';
        return { Authorization: `Bearer ${token}`, ...(staff ? { 'Gateway-Tenant': house.acme } : {}) };
      },
    });
    const findings = results.flatMap((one) => one.findings);
    expect(findings.map((one) => `${one.operation} ×${one.times}: ${one.what}\n    ${one.example}`)).toEqual([]);
    expect(results.length).toBeGreaterThan(50);
    const accepted = results.filter((one) => Object.keys(one.statuses).some((status) => Number(status) < 400));
    expect(accepted.length / results.length).toBeGreaterThan(0.7);
  }, 120_000);
});
