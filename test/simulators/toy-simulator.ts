import { type Context, Hono } from 'hono';
import type { Money } from '../../functions/domain/money.ts';
import { timesMoney } from '../../functions/domain/money.ts';
import type { CarrierSimulator, SimNumber, SimWorld } from '../../local/carriers/kernel/simulator-port.ts';

/** A small carrier that exists nowhere, to try the kernel and the contract on. */
export const toySimulator: CarrierSimulator = {
  id: 'wavix',
  stock: {
    countries: '*',
    types: ['local', 'mobile', 'toll_free'],
    features: (_, type) => (type === 'mobile' ? ['voice', 'sms'] : ['voice']),
    price: (_, type) => ({ monthly: usd(type === 'local' ? '1.15' : '2.00'), setup: usd('0.00') }),
  },
  balance: usd('500.00'),
  routes,
  operationOf({ method, path }) {
    if (path.startsWith('/numbers')) return 'search';
    if (path.startsWith('/owned')) return method === 'GET' ? 'probe' : method === 'DELETE' ? 'release' : 'configure';
    return method === 'POST' ? 'order' : 'probe';
  },
  problem: (kind) => ({
    status: kind === 'rate_limited' ? 429 : 503,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error: kind }),
  }),
  sign: (_, hook, at) => ({ 'x-toy-signature': `${hook.topic}@${at.toISOString()}` }),
  async call(world, { from, to }) {
    const number = world.numbers.find(to);
    const url = String(number?.data['voiceUrl'] ?? '');
    const hook = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
    const answer = await world.deliver({ ...hook, topic: 'voice', url, body: JSON.stringify({ from, to }) });
    world.notify({
      ...hook,
      topic: 'status',
      url: String(number?.data['statusUrl']),
      body: JSON.stringify({ state: 'completed' }),
    });
    return answer;
  },
  message: (world, message) =>
    world.deliver({
      ...{ topic: 'message', url: String(world.numbers.find(message.to)?.data['smsUrl']), method: 'POST', headers: {} },
      body: JSON.stringify(message),
    }),
  reviewed: (world, papers) => world.records.put('reviews', papers.id, { state: papers.state }),
  wake: (world, name, data) => world.records.put('woken', name, data),
};

function usd(amount: string): Money {
  return { amount, currency: 'USD' };
}

function routes(world: SimWorld): Hono {
  const app = new Hono();
  app.use(async (c, next) =>
    c.req.header('authorization') === `Bearer ${world.credentials['WAVIX_API_KEY']}`
      ? next()
      : c.json({ error: 'auth' }, 401),
  );
  app.get('/numbers', (c) => {
    const { country, type, prefix } = c.req.query();
    const found = world.numbers.search({
      ...{ state: 'available', limit: Number(c.req.query('limit') ?? 10) },
      ...(country ? { country } : {}),
      where: (number) => number.type === type && (!prefix || number.number.startsWith(prefix)),
    });
    return c.json({ numbers: found.map(wire) });
  });
  app.get('/numbers/:number', (c) => {
    const number = world.numbers.find(c.req.param('number'));
    if (!number) return c.json({ error: 'not_found' }, 404);
    const raised = world.faults.take('price_raised', 'order');
    return c.json(wire(raised ? { ...number, monthly: timesMoney(number.monthly, 2) } : number));
  });
  app.post('/orders', async (c) => order(world, c));
  app.get('/owned', (c) => {
    const { number, page } = c.req.query();
    const where = (row: SimNumber) => !number || row.number === number;
    const owned = world.numbers.search({ state: 'owned', where, offset: Number(page ?? 0) * 50, limit: 50 });
    return c.json({ numbers: owned.map(wire) });
  });
  app.put('/owned/:number', async (c) => change(world, c, { ...(await c.req.json()) }));
  app.delete('/owned/:number', (c) => change(world, c, undefined));
  return app;
}

async function order(world: SimWorld, c: Context) {
  const wish = await c.req.json();
  return world.transact(() => {
    const number = world.numbers.find(wish.number);
    if (!number || world.faults.take('gone_at_purchase', 'order')) return c.json({ error: 'gone' }, 409);
    if (number.state !== 'available') return c.json({ error: 'gone' }, 409);
    if (world.faults.take('no_credit', 'order') || !world.account.covers(number))
      return c.json({ error: 'credit' }, 402);
    return c.json(wire(world.numbers.execute(number, { reference: wish.reference, data: wish.webhooks })), 201);
  });
}

function change(world: SimWorld, c: Context, data: Record<string, string> | undefined) {
  const number = world.numbers.find(c.req.param('number') ?? '');
  if (number?.state !== 'owned') return c.json({ error: 'not_found' }, 404);
  const changed: SimNumber = data ? { ...number, data } : { ...number, state: 'released' };
  world.numbers.save(changed);
  return c.json(wire(changed));
}

const wire = ({ state: _state, purchases: _purchases, setup: _setup, reference, data, ...told }: SimNumber) => ({
  ...told,
  reference: reference ?? null,
  webhooks: data,
});
