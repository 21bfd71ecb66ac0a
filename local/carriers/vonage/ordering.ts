import type { Context, Hono } from 'hono';
import { requirementsFor } from '../kernel/requirements.ts';
import type { SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { FROM_DASHBOARD, failureInside200, METHOD_FAILED, NO_CREDIT, result } from './answers.ts';
import { findApplication } from './applications.ts';

type Form = Readonly<Record<string, string>>;

/** `POST /number/buy`, `/number/update`, `/number/cancel`: forms in, a code and a label out. */
export function orderingRoutes(app: Hono, world: SimWorld): void {
  app.post('/number/buy', async (c) => buy(c, world, await formOf(c)));
  app.post('/number/update', async (c) => update(c, world, await formOf(c)));
  app.post('/number/cancel', async (c) => {
    const number = named(world, await formOf(c));
    if (number?.state !== 'owned') return result(c, 420, METHOD_FAILED);
    world.numbers.save({ ...number, state: 'released', data: {} });
    return result(c, 200, 'success');
  });
}

function buy(c: Context, world: SimWorld, form: Form): Response {
  return world.transact(() => {
    const number = named(world, form);
    if (number !== undefined && world.faults.take('gone_at_purchase', 'order')) {
      world.numbers.save({ ...number, state: 'released' });
      return failureInside200(c, METHOD_FAILED);
    }
    if (number?.state !== 'available') return result(c, 420, METHOD_FAILED);
    if (needsPapers(number)) return result(c, 420, FROM_DASHBOARD);
    if (world.faults.take('no_credit', 'order') || !world.account.covers(number)) return result(c, 420, NO_CREDIT);
    world.numbers.execute(number, {});
    return result(c, 200, 'success');
  });
}

/** What an update leaves out is cleared. A legacy SMS address is asked by GET and must answer 200 at that moment. */
async function update(c: Context, world: SimWorld, form: Form): Promise<Response> {
  const number = named(world, form);
  const application = form['app_id'];
  if (number?.state !== 'owned') return result(c, 420, METHOD_FAILED);
  if (application !== undefined && findApplication(world, application) === undefined)
    return result(c, 420, 'application not found');
  if ((form['voiceCallbackType'] === undefined) !== (form['voiceCallbackValue'] === undefined))
    return result(c, 420, METHOD_FAILED);
  const { moHttpUrl = '' } = form;
  if (moHttpUrl !== '') {
    const answer = await world.deliver({ topic: 'message', url: moHttpUrl, method: 'GET', headers: {}, body: '' });
    if (answer.status !== 200) return result(c, 420, 'moHttpUrl does not answer');
  }
  const settings = ['app_id', 'voiceCallbackType', 'voiceCallbackValue', 'voiceStatusCallback', 'moHttpUrl']
    .map((name): [string, string] => [name, form[name] ?? ''])
    .filter(([, value]) => value !== '');
  world.numbers.save({ ...number, data: Object.fromEntries(settings) });
  return result(c, 200, 'success');
}

/** Countries that ask for papers are sold through the dashboard only. */
function needsPapers({ country, type }: SimNumber): boolean {
  return (requirementsFor(country, type, 'business') ?? []).length > 0;
}

/** The number of the form, which must name its country rightly. */
function named(world: SimWorld, { country, msisdn }: Form): SimNumber | undefined {
  const number = world.numbers.find(`+${msisdn}`);
  return number?.country === country ? number : undefined;
}

async function formOf(c: Context): Promise<Form> {
  return Object.fromEntries(new URLSearchParams(await c.req.text()));
}
