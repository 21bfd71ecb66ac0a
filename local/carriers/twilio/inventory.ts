import { type Context, Hono } from 'hono';
import type { JsonObject, SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { formOf, listPage, notFound, problem } from './answers.ts';
import { priceNow } from './available.ts';
import { badUrl, ownedData, ownedRow, rfc2822, settingsOf } from './number-rows.ts';
import { bundleProblem } from './papers-needed.ts';

type Form = Readonly<Record<string, string>>;

/** `IncomingPhoneNumbers`: buying, listing, changing and giving back, each of them at once. */
export function numberRoutes(world: SimWorld): Hono {
  const app = new Hono();
  app.get('/IncomingPhoneNumbers.json', (c) => listPage(c, 'incoming_phone_numbers', listed(c, world)));
  app.post('/IncomingPhoneNumbers.json', async (c) => {
    const form = await formOf(c);
    return world.transact(() => buy(world, form));
  });
  app.get('/IncomingPhoneNumbers/:file', (c) => {
    const number = findBySid(world, c.req.param('file'));
    return number === undefined ? notFound(c.req.path) : c.json(ownedRow(world, number));
  });
  app.post('/IncomingPhoneNumbers/:file', async (c) => {
    const form = await formOf(c);
    const number = findBySid(world, c.req.param('file'));
    if (number === undefined) return notFound(c.req.path);
    const bad = badUrl(form);
    if (bad !== undefined) return problem(400, 21402, `${bad} is not a valid URL`);
    return c.json(ownedRow(world, change(world, number, form)));
  });
  app.delete('/IncomingPhoneNumbers/:file', (c) => {
    const number = findBySid(world, c.req.param('file'));
    if (number === undefined) return notFound(c.req.path);
    world.numbers.save({ ...number, state: 'released' });
    return c.body(null, 204);
  });
  app.get('/Balance.json', (c) => {
    const { amount, currency } = world.account.balance();
    return c.json({ account_sid: world.credentials['TWILIO_ACCOUNT_SID'] ?? '', balance: amount, currency });
  });
  return app;
}

function owned(world: SimWorld): readonly SimNumber[] {
  return world.numbers.search({ state: 'owned' });
}

function findBySid(world: SimWorld, file: string): SimNumber | undefined {
  const sid = file.replace(/\.json$/, '');
  return owned(world).find((number) => ownedData(number).sid === sid);
}

/** The filter finds parts of numbers too; newest first. */
function listed(c: Context, world: SimWorld): readonly JsonObject[] {
  const digits = c.req.query('PhoneNumber')?.replace(/[^0-9*]/g, '');
  const name = c.req.query('FriendlyName');
  return owned(world)
    .filter((number) => digits === undefined || number.number.includes(digits))
    .filter((number) => name === undefined || number.reference === name)
    .map((number) => ownedRow(world, number))
    .toReversed();
}

function buy(world: SimWorld, form: Form): Response {
  const wanted = wantedNumber(world, form);
  if (wanted instanceof Response) return wanted;
  const refusal = orderProblem(world, form, wanted);
  if (refusal !== undefined) return refusal;
  const now = rfc2822(world.clock.now());
  const reference = form['FriendlyName'] ?? wanted.number;
  const data = { sid: `PN${world.hex(32)}`, date_created: now, date_updated: now, settings: settingsOf(form) };
  const bought = world.numbers.execute({ ...wanted, monthly: priceNow(world, wanted) }, { reference, data });
  return Response.json(ownedRow(world, bought), { status: 201 });
}

/** The named number, or any of an American area code. */
function wantedNumber(world: SimWorld, form: Form): SimNumber | Response {
  const { PhoneNumber: text, AreaCode: areaCode } = form;
  if (text === undefined) {
    if (areaCode === undefined) return problem(400, 21421, 'PhoneNumber or AreaCode is required');
    const found = world.numbers.search({ country: 'US', type: 'local', areaCode, state: 'available', limit: 1 })[0];
    return found ?? problem(400, 21452, `No phone numbers found in area code ${areaCode}`);
  }
  if (!/^\+[1-9]\d{6,14}$/.test(text)) return problem(400, 21421, `${text} is not a valid number`);
  return world.numbers.find(text) ?? unavailable(text);
}

function unavailable(number: string): Response {
  return problem(400, 21422, `${number} is not available`);
}

function orderProblem(world: SimWorld, form: Form, wanted: SimNumber): Response | undefined {
  if (world.faults.take('no_credit', 'order') || !world.account.covers(wanted)) {
    return problem(403, 20005, 'Account is not active');
  }
  if (world.faults.take('gone_at_purchase', 'order')) {
    world.numbers.save({ ...wanted, state: 'reserved' }); // somebody else's now
    return unavailable(wanted.number);
  }
  if (wanted.state !== 'available') return unavailable(wanted.number);
  if ((form['FriendlyName'] ?? '').length > 64) return problem(400, 20001, 'FriendlyName is too long');
  const bad = badUrl(form);
  if (bad !== undefined) return problem(400, 21402, `${bad} is not a valid URL`);
  return bundleProblem(world, form, wanted);
}

function change(world: SimWorld, number: SimNumber, form: Form): SimNumber {
  const before = ownedData(number);
  const settings = { ...before.settings, ...settingsOf(form) };
  const changed: SimNumber = {
    ...number,
    ...(form['FriendlyName'] === undefined ? {} : { reference: form['FriendlyName'] }),
    data: { ...before, settings, date_updated: rfc2822(world.clock.now()) },
  };
  world.numbers.save(changed);
  return changed;
}
