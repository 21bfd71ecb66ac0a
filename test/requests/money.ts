import { policyWrite } from '../../functions/countries/store.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import { readCommitted, readCounter } from '../../functions/tenants/store.ts';
import type { buyingLab } from './buying.ts';
import { ACME } from './room.ts';
import { GB, numberOf, usd } from './scripted-carrier.ts';

type Lab = ReturnType<typeof buyingLab>;

/** What the tests about money do by hand in the room of a lab. */
export function moneyActs(lab: Lab) {
  const path = (id: string, act: string) => `POST /v1/number-requests/${id}/${act}`;
  const scope = tenantScope(ACME);
  return {
    /** Great Britain as a country of another class, for this room. */
    treatAs: (kind: 'special' | 'restricted' | 'unsupported') =>
      lab.room.table.write([policyWrite(scope, GB, { class: kind, validFrom: '2026-01-01' })]),
    terms: (amount: string, more: object = {}) => ({
      monthly: usd(amount),
      setup: usd('0.00'),
      text: 'One year.',
      validUntil: '2026-12-20T00:00:00.000Z',
      ...more,
    }),
    act: (who: string, id: string, act: string, body: object = {}) => lab.room.ask(who, path(id, act), { body }),
    accept: (id: string, termsVersion: number) =>
      lab.room.ask('customer', path(id, 'acceptance'), { body: { termsVersion } }),
    async approve(id: string, body: object = {}, who = 'cs') {
      const etag = (await lab.room.ask(who, `GET /v1/number-requests/${id}`)).headers.get('etag') ?? '';
      const answer = await lab.room.ask(who, path(id, 'approval'), { body, ifMatch: etag });
      await lab.room.settle();
      return answer;
    },
    /** Several exact numbers with their reviewed prices. */
    several: (...prices: readonly string[]) => ({
      areaCode: undefined,
      numbers: prices.map((price, index) => ({ number: numberOf(index + 1), monthly: usd(price) })),
    }),
    number: async (n: number) => (await lab.room.table.get({ pk: `NUM#${numberOf(n)}`, sk: 'NUMBER' }))?.data,
    counter: () => readCounter(lab.room.table, scope),
    committed: () => readCommitted(lab.room.table, scope, lab.room.clock.now()),
    mailsOf: async (id: string) =>
      (await lab.room.mails())
        .filter((mail) => mail.messageKey.startsWith(id))
        .map((mail) => mail.messageKey.slice(id.length + 1)),
  };
}

/** Opened by hand: what waits for it goes on then. */
export function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
