import { expect, it } from 'vitest';
import { allRoutes } from '../../functions/api/routes.ts';
import { API_KEY_SCOPES } from '../../functions/tenants/key-schema.ts';

it('a key can be given every scope some operation takes, and no other', () => {
  const taken = allRoutes.flatMap(({ keyScope }) => (keyScope === undefined ? [] : [keyScope]));

  expect([...API_KEY_SCOPES].sort()).toEqual([...new Set(taken)].sort());
});
