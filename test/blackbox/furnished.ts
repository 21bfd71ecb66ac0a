import { type Caller, type Furniture, furnish } from '../../scripts/fuzz/furnish.ts';
import { type House, key } from './house.ts';

/** Furnishes a tenant of a house as its administrator and customer success would. */
export function furnishTenant(
  house: House,
  admin: 'admin' | 'globex',
  mark: string,
  number: string,
): Promise<Furniture> {
  const tenant = admin === 'admin' ? house.acme : house.globex;
  const caller: Caller = {
    ask: (call, body) =>
      house.ask(call, { as: admin, ...(call.startsWith('POST') ? { key: key() } : {}), ...(body ? { body } : {}) }),
    async success(call, body) {
      const path = call.replace(/^\S+ /, '').replace(/\/[\w-]+$/, '');
      const seen = call.endsWith('/approval') ? await house.ask(`GET ${path}`, { as: 'cs', tenant }) : undefined;
      const ifMatch = seen?.headers.get('etag');
      return house.ask(call, { as: 'cs', tenant, key: key(), body, ...(ifMatch ? { ifMatch } : {}) });
    },
    control: (call, body) => house.control(call, body),
  };
  return furnish(caller, mark, number);
}
