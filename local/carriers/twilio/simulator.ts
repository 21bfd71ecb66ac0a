import { Hono } from 'hono';
import type { CarrierSimulator, Operation, SimWorld } from '../kernel/simulator-port.ts';
import { credentialProblem, notFound, problemBody } from './answers.ts';
import { availableRoutes, pricingRoutes } from './available.ts';
import { bundleRoutes } from './bundles.ts';
import { numberRoutes } from './inventory.ts';
import { addressRoutes, partRoutes } from './parts.ts';
import { stockPlan } from './stock-plan.ts';
import { placeCall, reportReview, sendMessage, signature } from './webhooks.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** The simulated Twilio: its four hosts as one root with their real paths, its formats, errors and signatures. */
export function twilioSimulator(): CarrierSimulator {
  return {
    id: 'twilio',
    stock: stockPlan,
    balance: { amount: '1000.00', currency: 'USD' },
    routes,
    operationOf,
    problem(kind) {
      return kind === 'rate_limited'
        ? { status: 429, headers: JSON_TYPE, body: JSON.stringify(problemBody(429, 20429, 'Too Many Requests')) }
        : { status: 500, headers: JSON_TYPE, body: JSON.stringify(problemBody(500, 20500, 'Internal Server Error')) };
    },
    sign: signature,
    call: placeCall,
    message: sendMessage,
    reviewed: reportReview,
    wake() {
      // Twilio sets no timers of its own: orders are executed at once.
    },
  };
}

function routes(world: SimWorld): Hono {
  const app = new Hono();
  app.use('*', async (c, next) => {
    const refusal = credentialProblem(c, world);
    if (refusal !== undefined) return refusal;
    await next();
  });
  const account = `/2010-04-01/Accounts/${world.credentials['TWILIO_ACCOUNT_SID'] ?? ''}`;
  app.route(`${account}/AvailablePhoneNumbers`, availableRoutes(world));
  app.route(account, numberRoutes(world));
  app.route(account, addressRoutes(world));
  app.route('/v1', pricingRoutes(world));
  app.route('/v2/RegulatoryCompliance/Bundles', bundleRoutes(world));
  app.route('/v2/RegulatoryCompliance', partRoutes(world));
  app.notFound((c) => notFound(c.req.path));
  return app;
}

function operationOf({ method, path, query }: Parameters<CarrierSimulator['operationOf']>[0]): Operation {
  if (path.includes('/AvailablePhoneNumbers/')) return 'search';
  if (path.includes('/RegulatoryCompliance/')) return 'papers';
  if (path.endsWith('/IncomingPhoneNumbers.json')) {
    if (method === 'POST') return 'order';
    return query.has('PhoneNumber') ? 'probe' : 'other';
  }
  if (!path.includes('/IncomingPhoneNumbers/')) return 'other';
  if (method === 'POST') return 'configure';
  return method === 'DELETE' ? 'release' : 'other';
}
