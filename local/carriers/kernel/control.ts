import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { CountryCode, NumberType } from '../../../functions/domain/country.ts';
import { E164 } from '../../../functions/domain/e164.ts';
import { MonthlyPrice } from '../../../functions/domain/money.ts';
import type { LoggedRequest } from './request-log.ts';
import { FAULTS, OPERATIONS, type SimNumber } from './simulator-port.ts';
import type { RunningWorld } from './world.ts';

const FaultWish = z.strictObject({
  fault: z.enum(FAULTS),
  times: z.int().min(1).max(10_000).default(1),
  on: z.enum([...OPERATIONS, 'any']).default('order'),
});
const StockWish = z.strictObject({
  numbers: z.array(
    z.strictObject({
      number: E164,
      country: CountryCode,
      type: NumberType,
      monthly: MonthlyPrice,
      setup: MonthlyPrice.optional(),
    }),
  ),
});
const CallWish = z.strictObject({ from: z.string(), to: z.string() });
const MessageWish = CallWish.extend({ text: z.string() });
const PapersWish = z.union([
  z.strictObject({ mode: z.enum(['manual', 'automatic']) }),
  z.strictObject({ reference: z.string(), verdict: z.enum(['approved', 'rejected']), reason: z.string().optional() }),
]);

interface ControlParts {
  readonly worlds: ReadonlyMap<string, RunningWorld>;
  requests(carrier: string): readonly LoggedRequest[];
  reset(): void;
}

/** The `_control` interface beside the carriers: what people and tests see and do to them (interface map §1, §13). */
export function controlRoutes(parts: ControlParts): Hono {
  const app = new Hono();
  app.post('/reset', (c) => {
    parts.reset();
    return c.json({ data: [] });
  });
  app.use('/:carrier/*', async (c, next) => {
    if (parts.worlds.has(c.req.param('carrier'))) return next();
    return c.json({ detail: `no simulated carrier ${c.req.param('carrier')}` }, 404);
  });
  app.onError((error, c) => {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return c.json({ detail: error.message }, 400);
    throw error;
  });
  const world = (c: Context): RunningWorld => {
    const found = parts.worlds.get(c.req.param('carrier') ?? '');
    if (!found) throw new Error('the carrier was checked before');
    return found;
  };
  app.get('/:carrier/requests', (c) => c.json({ data: parts.requests(world(c).id) }));
  app.get('/:carrier/numbers', (c) => c.json({ data: numbersIn(world(c), c.req.query('state')) }));
  faultRoutes(app, world);
  app.post('/:carrier/stock', async (c) => {
    const { numbers } = StockWish.parse(await c.req.json());
    const added = addStock(world(c), numbers);
    return c.json({ data: added.map(shown) });
  });
  app.post('/:carrier/calls', async (c) => {
    const { simulator, world: own } = world(c);
    return c.json(await simulator.call(own, CallWish.parse(await c.req.json())));
  });
  app.post('/:carrier/messages', async (c) => {
    const { simulator, world: own } = world(c);
    return c.json(await simulator.message(own, MessageWish.parse(await c.req.json())));
  });
  papersRoutes(app, world);
  return app;
}

function faultRoutes(app: Hono, world: (c: Context) => RunningWorld): void {
  app.get('/:carrier/faults', (c) => c.json({ data: world(c).faults.list() }));
  app.post('/:carrier/faults', async (c) => {
    const wish = FaultWish.parse(await c.req.json());
    world(c).faults.plant(wish);
    return c.json(wish);
  });
  app.delete('/:carrier/faults', (c) => {
    world(c).faults.clear();
    return c.json({ data: [] });
  });
}

function papersRoutes(app: Hono, world: (c: Context) => RunningWorld): void {
  app.get('/:carrier/papers', (c) =>
    c.json({
      data: world(c)
        .papers.list()
        .map(({ data: _, ...papers }) => papers),
    }),
  );
  app.post('/:carrier/papers', async (c) => {
    const wish = PapersWish.parse(await c.req.json());
    const { papers, world: own } = world(c);
    if ('mode' in wish) {
      papers.byHand(wish.mode === 'manual');
      return c.json({ mode: wish.mode });
    }
    const judged = own.transact(() => papers.verdict(wish.reference, wish.verdict, wish.reason));
    if (!judged) return c.json({ detail: `no papers under ${wish.reference}` }, 404);
    const { data: _, ...rest } = judged;
    return c.json(rest);
  });
}

function shown(number: SimNumber) {
  const { state, reference, purchases, country, type, areaCode, locality, region, features, monthly } = number;
  return {
    number: number.number,
    ...{ state, ...(reference === undefined ? {} : { reference }), purchases },
    ...{ country, type, areaCode, locality, region, features, monthly },
  };
}

function numbersIn({ world }: RunningWorld, state: string | undefined) {
  const wanted = z.enum(['available', 'reserved', 'pending', 'owned', 'released']).optional().parse(state);
  return world.numbers.search(wanted === undefined ? {} : { state: wanted }).map(shown);
}

/** Adds numbers to the stock, at the carrier's usual price unless given; one that was there already is free again. */
function addStock({ world, stock }: RunningWorld, numbers: z.infer<typeof StockWish>['numbers']): SimNumber[] {
  return world.transact(() =>
    numbers.map(({ monthly, setup, ...wish }) => {
      const prices = { ...price('monthly', monthly), ...price('setup', setup) };
      const purchases = world.numbers.find(wish.number)?.purchases ?? 0;
      const number: SimNumber = { ...stock.describe(wish), ...prices, purchases };
      world.numbers.save(number);
      return number;
    }),
  );
}

function price(name: 'monthly' | 'setup', given: z.infer<typeof MonthlyPrice> | undefined): Partial<SimNumber> {
  return given ? { [name]: { amount: given.amount, currency: given.currency } } : {};
}
