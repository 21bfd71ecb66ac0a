import type { Carrier, Carriers, Order } from '../../../functions/carriers/port.ts';
import { ConditionFailed, type Stored, type Write } from '../../../functions/platform/table.ts';
import { type Task, task } from '../../../functions/platform/task.ts';
import type { BuyDeps } from '../../../functions/requests/buy-deps.ts';
import type { Intent } from '../../../functions/requests/intent-schema.ts';
import { changeIntent, findIntent, freeClaim } from '../../../functions/requests/intent-store.ts';
import { purchaseNumber } from '../../../functions/requests/purchase-number.ts';
import { ItemPlace, Purchased } from '../../../functions/requests/purchase-schema.ts';
import { lineOf } from './commits.ts';
import type { Bug } from './world.ts';

/** Carriers whose adapters are changed by `change`. */
const changed = (carriers: Carriers, change: (carrier: Carrier) => Carrier): Carriers => ({
  ...carriers,
  get: async (id) => change(await carriers.get(id)),
});
/** PurchaseNumber as it is, with something done to what it came to. */
const after = (act: (place: ItemPlace, deps: BuyDeps, end: Purchased) => Promise<Purchased>): Task<BuyDeps> =>
  task({
    name: 'PurchaseNumber',
    input: ItemPlace,
    output: Purchased,
    run: async (place, deps: BuyDeps): Promise<Purchased> =>
      act(place, deps, Purchased.parse(await purchaseNumber.run(place, deps))),
  }) as unknown as Task<BuyDeps>;

const isClaim = (write: Write): boolean => write.key.pk.startsWith('NUM#') && write.key.sk === 'CLAIM';
const isCounter = (write: Write): boolean => write.key.sk === 'COUNTER#numbers';
const isSentMarker = (write: Write): boolean =>
  write.op === 'put' &&
  write.key.sk.startsWith('INTENT#') &&
  write.data['state'] === 'sent' &&
  write.data['probes'] === 0;
const unconditional = (write: Write): Write => {
  if (write.op === 'check') return write;
  const { when: _, ...bare } = write;
  return bare;
};
async function moved(deps: BuyDeps, place: ItemPlace, fields: Partial<Intent>, frees: boolean): Promise<void> {
  const intent = await findIntent(deps.table, place);
  if (intent?.state !== 'sent') return;
  const { write } = changeIntent(intent, fields, deps.clock.now());
  await deps.table.write(frees ? [write, freeClaim(intent)] : [write]);
}

const believedRefusal: Bug = {
  name: 'believed refusal',
  carriers: (carriers) =>
    changed(carriers, (carrier) => {
      const refusedNow = new Set<string>();
      return {
        ...carrier,
        async purchase(order, call) {
          const end = await carrier.purchase(order, call);
          if (end.kind === 'refused') refusedNow.add(order.reference);
          return end;
        },
        probe: async (order, call) =>
          refusedNow.has(order.reference) ? { kind: 'nothing' } : carrier.probe(order, call),
      };
    }),
};

const rechosenAfterTimeout: Bug = {
  name: 're-choose after timeout',
  tasks: [
    after(async (place, deps, end) => {
      if (end.outcome !== 'unclear') return end;
      await moved(deps, place, { state: 'refused', failure: { code: 'timeout', detail: 'No answer.' } }, true);
      return { outcome: 'refused' };
    }),
  ],
};

const noClaim: Bug = {
  name: 'no claim',
  table: (table) => ({
    ...table,
    get: async (key, options) => (key.sk === 'CLAIM' ? undefined : table.get(key, options)),
    write: (writes) =>
      table.write(writes.filter((write) => !isClaim(write) && !(write.op === 'check' && write.key.sk === 'NUMBER'))),
  }),
};

const separateCounter: Bug = {
  name: 'separate counter write',
  table: (table) => ({
    ...table,
    async write(writes) {
      const counters = writes.filter(isCounter);
      await table.write(writes.filter((write) => !isCounter(write)));
      if (counters.length > 0) await table.write(counters);
    },
  }),
};

const orderOfEveryRun: Bug = {
  name: 'marker not conditional',
  table: (table) => ({
    ...table,
    write: (writes) => table.write(writes.map((write) => (isSentMarker(write) ? unconditional(write) : write))),
  }),
};

const probeSkipped: Bug = {
  name: 'probe skipped',
  carriers: (carriers) =>
    changed(carriers, (carrier) => ({
      ...carrier,
      async probe(order, call) {
        const end = await carrier.purchase(order, call);
        if (end.kind === 'done') return { kind: 'ours', value: end.value, refs: end.refs };
        return end.kind === 'accepted'
          ? { kind: 'in_progress', refs: end.refs, pollAfterSeconds: end.pollAfterSeconds }
          : { kind: 'nothing' };
      },
    })),
};

const mailBeforeCommit: Bug = {
  name: 'mail before commit',
  table: (table, { mailer }) => ({
    ...table,
    async write(writes) {
      for (const write of writes) {
        const stored = lineOf(write);
        if (stored?.line.kind === 'mail' && stored.lease === 0) await mailer.send(stored.line.mail);
      }
      await table.write(writes);
    },
  }),
};

const LAG_MS = 2_000;
/** What an index would still show of the claims, by world. */
const rawIndexDecision: Bug = {
  name: 'raw secondary-index decision',
  table(table, { world }) {
    const now = () => world.scheduler.clock.now().getTime();
    const lagging = async (number: string): Promise<Stored | undefined> => {
      const found = await world.table.get({ pk: `NUM#${number}`, sk: 'CLAIM' });
      return found && Date.parse(String(found.data['at'])) + LAG_MS <= now() ? found : undefined;
    };
    return {
      ...table,
      get: async (key, options) => (key.sk === 'CLAIM' ? lagging(key.pk.slice(4)) : table.get(key, options)),
      async write(writes) {
        const claim = writes.find((write) => isClaim(write) && write.op === 'put');
        const at = claim ? writes.indexOf(claim) : -1;
        if (claim && (await lagging(claim.key.pk.slice(4)))) throw new ConditionFailed([at]);
        await table.write(writes.map((write) => (isClaim(write) && write.op === 'put' ? unconditional(write) : write)));
      },
    };
  },
};

const anyNumberOrder: Bug = {
  name: 'any-number order',
  tasks: [
    task({
      name: 'PurchaseNumber',
      input: ItemPlace,
      output: Purchased,
      async run(place, deps: BuyDeps): Promise<Purchased> {
        const intent = await findIntent(deps.table, place);
        if (!intent || (intent.state !== 'recorded' && intent.state !== 'sent'))
          return { outcome: intent?.state === 'refused' ? 'refused' : 'bought' };
        const carrier = await deps.carriers.get(intent.carrier);
        const found = await deps.carriers.search(
          { country: intent.country, type: intent.type, features: [], limit: 1 },
          [intent.carrier],
          { signal: new AbortController().signal, deadlineMs: 1 },
        );
        const number = found.offers[0]?.number ?? intent.number;
        const order: Order = {
          ...intent,
          number,
          refs: {},
          webhooks: deps.carriers.webhooks(intent.carrier),
        } as unknown as Order;
        const end = await carrier.purchase(order, { signal: new AbortController().signal, timeoutMs: 1 });
        const isBought = end.kind === 'done';
        const fields: Partial<Intent> = isBought
          ? {
              state: 'bought',
              number,
              carrierNumberId: end.value.carrierNumberId,
              boughtFeatures: [...end.value.features],
            }
          : { state: 'sent', lastOutcome: 'unclear' };
        await deps.table.write([changeIntent(intent, fields, deps.clock.now()).write]);
        return isBought ? { outcome: 'bought' } : { outcome: 'unclear', pollAfter: 60 };
      },
    }) as unknown as Task<BuyDeps>,
  ],
};

const markerDropped: Bug = {
  name: 'marker dropped on error',
  tasks: [
    after(async (place, deps, end) => {
      if (end.outcome !== 'unclear') return end;
      await moved(deps, place, { state: 'recorded' }, false);
      return { outcome: 'later', pollAfter: 2 };
    }),
  ],
};

/** The mistakes the harness must catch (reliability §8), each in what surrounds the product. */
export const BUGS: readonly Bug[] = [
  believedRefusal,
  rechosenAfterTimeout,
  noClaim,
  separateCounter,
  orderOfEveryRun,
  probeSkipped,
  mailBeforeCommit,
  rawIndexDecision,
  anyNumberOrder,
  markerDropped,
];
