import { Hono } from 'hono';
import type { Feature, NumberType } from '../../../functions/domain/country.ts';
import type { CarrierSimulator, Operation, StockPlan } from '../kernel/simulator-port.ts';
import { access } from './access.ts';
import { genericProblem } from './answers.ts';
import { applicationRoutes } from './applications.ts';
import { inventoryRoutes } from './inventory.ts';
import { orderingRoutes } from './ordering.ts';
import { placeCall, sendMessage, signWebhook } from './webhooks.ts';

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/number/buy': 'order',
  '/number/search': 'search',
  '/account/numbers': 'probe',
  '/number/update': 'configure',
  '/number/cancel': 'release',
};
const MONTHLY: Readonly<Partial<Record<NumberType, string>>> = { local: '0.90', mobile: '1.25', toll_free: '3.00' };

const stock: StockPlan = {
  countries: '*',
  types: ['local', 'mobile', 'toll_free'],
  features: featuresOf,
  price: (_country, type) => ({
    monthly: { amount: MONTHLY[type] ?? '1.00', currency: 'EUR' },
    setup: { amount: '0.00', currency: 'EUR' },
  }),
};

/** A simulated Vonage account: the paths of rest.nexmo.com and api.nexmo.com under one root. */
export function vonageSimulator(): CarrierSimulator {
  return {
    id: 'vonage',
    stock,
    balance: { amount: '1000.00', currency: 'EUR' },
    routes(world) {
      const app = new Hono();
      app.use('*', access(world));
      inventoryRoutes(app, world);
      orderingRoutes(app, world);
      app.get('/account/get-balance', (c) =>
        c.json({ value: Number(world.account.balance().amount), autoReload: false }),
      );
      applicationRoutes(app, world);
      return app;
    },
    operationOf: ({ path }) => OPERATIONS[path] ?? (path.startsWith('/v2/applications') ? 'configure' : 'other'),
    problem: genericProblem,
    sign: signWebhook,
    call: placeCall,
    message: sendMessage,
    reviewed: () => undefined,
    wake: () => undefined,
  };
}

function featuresOf(country: string, type: NumberType): readonly Feature[] {
  if (type === 'mobile') return ['voice', 'sms'];
  if (country === 'US' || country === 'CA') return type === 'local' ? ['voice', 'sms', 'mms'] : ['voice', 'sms'];
  if (country === 'GB' && type === 'local') return ['voice', 'sms'];
  return ['voice'];
}
