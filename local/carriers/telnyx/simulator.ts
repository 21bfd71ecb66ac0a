import { Hono } from 'hono';
import type { Feature, NumberType } from '../../../functions/domain/country.ts';
import type { CarrierSimulator, Operation, SimWorld, StockPlan } from '../kernel/simulator-port.ts';
import { placeCall, sendMessage } from './events.ts';
import { dropUnused, fileRoutes } from './files.ts';
import { groupReviewed, groupRoutes } from './groups.ts';
import { signatureHeaders } from './keys.ts';
import { numberRoutes } from './numbers.ts';
import { orderRoutes } from './order-paths.ts';
import { advanceOrder, advanceOrdersOf } from './orders.ts';
import { problemBody, Refused, text } from './replies.ts';
import { requirementRoutes } from './requirements.ts';
import { endHold, reservationRoutes } from './reservations.ts';
import { searchRoutes } from './search.ts';
import { settingsRoutes } from './settings.ts';

const MONTHLY: Readonly<Partial<Record<NumberType, string>>> = {
  mobile: '2.00',
  toll_free: '1.50',
  shared_cost: '3.00',
};
const PAPERS = ['requirements', 'requirement_groups', 'documents', 'addresses', 'comments'];
const SETTINGS = ['texml_applications', 'messaging_profiles'];

const stock: StockPlan = {
  countries: '*',
  types: ['local', 'national', 'mobile', 'toll_free', 'shared_cost'],
  features: featuresOf,
  price: (_country, type) => ({
    monthly: { amount: MONTHLY[type] ?? '1.00', currency: 'USD' },
    setup: { amount: '1.00', currency: 'USD' },
  }),
};

/**
 * A simulated Telnyx account under `/v2`.
 * @param orderSeconds how long an order takes from being accepted to its end
 */
export function telnyxSimulator({ orderSeconds = 1 }: { readonly orderSeconds?: number } = {}): CarrierSimulator {
  return {
    id: 'telnyx',
    stock,
    balance: { amount: '1000.00', currency: 'USD' },
    routes: (world) => routes(world, orderSeconds),
    operationOf: ({ method, path }) => operationOf(method, path),
    problem: (kind) =>
      kind === 'rate_limited'
        ? problem(429, '10011', { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' })
        : problem(500, '10007', {}),
    sign: (world, hook, at) => signatureHeaders(world.credentials['TELNYX_API_KEY'] ?? '', hook.body, at),
    call: placeCall,
    message: sendMessage,
    reviewed(world, papers) {
      groupReviewed(world, papers);
      advanceOrdersOf(world, papers.id);
    },
    wake(world, name, data) {
      if (dropUnused(world, name, data) || endHold(world, name, data)) return;
      if (name === 'order') advanceOrder(world, text(data['id']));
    },
  };
}

function routes(world: SimWorld, orderSeconds: number): Hono {
  const app = new Hono();
  app.use('*', async (c, next) => {
    const wanted = world.credentials['TELNYX_API_KEY'] ?? '';
    if (wanted === '' || c.req.header('authorization') !== `Bearer ${wanted}`)
      return c.json(problemBody('10009', 'Could not find any usable credentials in the request'), 401);
    return next();
  });
  app.onError((error, c) => {
    if (error instanceof Refused) return c.json(error.body, error.status);
    throw error;
  });
  app.notFound((c) => c.json(problemBody('10005', `${c.req.path} could not be found`), 404));
  searchRoutes(app, world);
  reservationRoutes(app, world);
  orderRoutes(app, world, orderSeconds);
  numberRoutes(app, world);
  settingsRoutes(app, world);
  requirementRoutes(app);
  groupRoutes(app, world);
  fileRoutes(app, world);
  return app;
}

function operationOf(method: string, path: string): Operation {
  const [, , kind = ''] = path.split('/');
  if (kind === 'number_orders' && method === 'POST') return 'order';
  if (kind === 'available_phone_numbers') return 'search';
  if (PAPERS.includes(kind)) return 'papers';
  if (method === 'PATCH' && (SETTINGS.includes(kind) || kind === 'phone_numbers')) return 'configure';
  if (method === 'DELETE' && kind === 'phone_numbers') return 'release';
  if (method === 'GET' && ['number_orders', 'sub_number_orders', 'phone_numbers'].includes(kind)) return 'probe';
  return 'other';
}

function problem(status: number, code: string, headers: Readonly<Record<string, string>>) {
  const body = JSON.stringify(problemBody(code, status === 429 ? 'Too many requests' : 'An unexpected error occurred'));
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

function featuresOf(country: string, type: NumberType): readonly Feature[] {
  if (type === 'mobile') return ['voice', 'sms'];
  if (country === 'US' || country === 'CA') return ['voice', 'sms', 'mms', 'fax'];
  if (country === 'GB' && type === 'local') return ['voice', 'sms', 'fax'];
  return ['voice', 'fax'];
}
