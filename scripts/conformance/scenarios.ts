import type { PaperAnswer, Papers, RequirementItem } from '../../functions/carriers/papers-port.ts';
import type { Order, SearchWish } from '../../functions/carriers/port.ts';
import { CountryCode, Subject } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import {
  call,
  capabilityFor,
  freeNumbers,
  orderFor,
  referenceOf,
  type StartedCarrier,
  settledProbe,
  webhooks,
} from '../../test/contracts/carrier-start.ts';

/** Everything the gateway ever asks of a carrier, and everything a carrier ever says back. Ends are not judged here. */
export async function driveEverything(started: StartedCarrier): Promise<void> {
  await searches(started);
  await prices(started);
  await life(started);
  await refusals(started);
  await papers(started);
  await traffic(started);
}

async function searches({ carrier, manifest, world }: StartedCarrier): Promise<void> {
  const gb: SearchWish = { country: CountryCode.parse('GB'), type: 'local', features: [], limit: 5 };
  const us: SearchWish = { ...gb, country: CountryCode.parse('US') };
  const wishes: SearchWish[] = [
    ...[gb, { ...gb, areaCode: '161' }, { ...gb, areaCode: '1954' }, { ...gb, locality: 'Manchester' }],
    ...[
      { ...gb, features: ['voice', 'sms'] as const },
      { ...us, areaCode: '415' },
      { ...us, region: 'CA' },
    ],
    ...(['starts', 'anywhere', 'ends'] as const).map((match) => ({ ...gb, pattern: { text: '1', match } })),
  ];
  for (const country of ['GB', 'US', 'DE', 'FR', 'AU', 'CA', 'SE'])
    for (const type of ['local', 'national', 'mobile', 'toll_free', 'shared_cost'] as const)
      if (capabilityFor(manifest, country, type) && world.numbers.search({ country, type, limit: 1 }).length > 0)
        wishes.push({ ...gb, country: CountryCode.parse(country), type });
  for (const wish of wishes) for await (const page of carrier.search(wish, call())) if (page.offers.length > 0) break;
}

async function prices(started: StartedCarrier): Promise<void> {
  for (const number of freeNumbers(started, 2)) await started.carrier.quote(number, call());
  await started.carrier.balance?.(call());
}

/** Reserve, buy, probe, configure, list, release, and each again. */
async function life(started: StartedCarrier): Promise<void> {
  const { carrier } = started;
  const orders = freeNumbers(started, 3).map((number, n) => orderFor(number, referenceOf(n)));
  for (const order of orders) {
    await carrier.reserve?.(order, call());
    await carrier.probe(order, call());
    await carrier.purchase(order, call());
    await carrier.probe(order, call());
    const probe = await settledProbe(started, order);
    if (probe.kind !== 'ours') throw new Error(`${carrier.id}: not bought but ${probe.kind}`);
    const owned = { ...order, carrierNumberId: probe.value.carrierNumberId };
    await carrier.configure(owned, webhooks('b'), call());
    await carrier.configure(owned, webhooks('b'), call());
    await carrier.purchase({ ...order, reference: referenceOf(9) }, call());
  }
  for await (const _ of carrier.listOwned(call()));
  const [first] = orders;
  const probe = first && (await settledProbe(started, first));
  if (!first || probe?.kind !== 'ours') throw new Error(`${carrier.id}: the number is gone`);
  const gone = { ...first, carrierNumberId: probe.value.carrierNumberId };
  await carrier.release(gone, call());
  await carrier.release(gone, call());
  await carrier.configure(gone, webhooks(), call());
}

/** A refused order of every kind, and every kind of operation against 429 and 5xx. */
async function refusals(started: StartedCarrier): Promise<void> {
  const { carrier } = started;
  const order = (n: number): Order => {
    const [number] = freeNumbers(started, 1);
    if (!number) throw new Error('no stock');
    return orderFor(number, referenceOf(n));
  };
  for (const [n, fault] of (['gone_at_purchase', 'no_credit', 'rate_limited', 'server_error'] as const).entries()) {
    await started.fault(fault);
    const wanted = order(20 + n);
    await carrier.purchase(wanted, call());
    await settledProbe(started, wanted).catch(() => undefined);
  }
  for (const fault of ['rate_limited', 'server_error'] as const) {
    await started.fault(fault, 'search');
    for await (const _ of carrier.search({ ...started.market, features: [], limit: 3 }, call())) break;
    await started.fault(fault, 'probe');
    await carrier.probe(order(30), call());
  }
}

async function papers(started: StartedCarrier): Promise<void> {
  const service = started.carrier.papers;
  if (!service) return;
  const { country, type } = started.subject.papersMarket ?? { country: 'DE', type: 'local' as const };
  for (const [n, subject] of Subject.options.entries()) {
    const wish = { country: CountryCode.parse(country), type, subject };
    const items = (await service.requirements({ ...wish, action: 'ordering' }, call())) ?? [];
    const handIn: Papers = {
      ...{
        ...wish,
        reference: referenceOf(40 + n).split('.')[0] ?? '',
        endUserName: 'Acme AB',
        email: 'papers@acme.example',
      },
      ...{ statusUrl: 'https://gateway.example/inbound/x/orders', answers: items.map(answerTo) },
    };
    await started.fault('papers_rejected', 'papers');
    const first = await service.submit(handIn, call());
    if (first.kind !== 'done') throw new Error(`papers: ${JSON.stringify(first)}`);
    await reviewed(started);
    await service.state(first.value, call());
    const corrected = await service.submit({ ...handIn, previous: first.value }, call());
    if (corrected.kind !== 'done') throw new Error(`papers again: ${JSON.stringify(corrected)}`);
    await reviewed(started);
    await service.state(corrected.value, call());
    const [stocked] = started.world.numbers.search({ country, type, state: 'available', limit: 1 });
    if (!stocked) throw new Error('no stock');
    const number = { number: E164.parse(stocked.number), country: wish.country, type };
    const bare = orderFor(number, referenceOf(50 + n));
    await started.carrier.purchase(bare, call());
    const order = { ...orderFor(number, referenceOf(60 + n)), papers: corrected.value };
    await started.carrier.purchase(order, call());
    await settledProbe(started, order);
  }
}

/** Inbound calls and messages, and what follows them. */
async function traffic(started: StartedCarrier): Promise<void> {
  const [owned] = await started.numbers('owned');
  if (!owned) throw new Error('nothing owned');
  const from = '+14155550123';
  const { id } = started.carrier;
  await started.control('POST', `${id}/calls`, { from, to: owned.number });
  await started.control('POST', `${id}/messages`, { from, to: owned.number, text: 'Hello & <hi>' });
  await reviewed(started);
}

async function reviewed(started: StartedCarrier): Promise<void> {
  for (let n = 0; n < 3; n++) {
    started.clock.advance(5);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

const PDF = new TextEncoder().encode('%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n');
function answerTo(item: RequirementItem): PaperAnswer {
  const { requirementId } = item;
  if (item.kind === 'text') return { requirementId, kind: 'text', value: 'Acme AB' };
  if (item.kind === 'document')
    return {
      requirementId,
      kind: 'document',
      fileName: 'p.pdf',
      contentType: 'application/pdf',
      open: async () => PDF,
    };
  const address = { lines: ['Kungsgatan 1'], city: 'Stockholm', region: 'Stockholm', postalCode: '11143' };
  return { requirementId, kind: 'address', address: { ...address, country: CountryCode.parse('SE') } };
}
