import { describe, expect, it } from 'vitest';
import type { Bought, NumberWebhooks, OwnedNumber } from '../../functions/carriers/port.ts';
import type { CountryCode } from '../../functions/domain/country.ts';
import {
  type CarrierSubject,
  call,
  freeNumbers,
  orderFor,
  referenceOf,
  type StartedCarrier,
  settledProbe,
  webhooks,
} from './carrier-start.ts';

const SHOWN = ['voiceUrl', 'voiceFallbackUrl', 'statusUrl', 'smsUrl'] as const;

/** After the purchase: configuration, the carrier's own list, release. */
export function careContract(subject: CarrierSubject, current: () => StartedCarrier): void {
  const buy = async (count = 1): Promise<(Bought & { country: CountryCode })[]> => {
    const started = current();
    const orders = freeNumbers(started, count).map((number, n) => orderFor(number, referenceOf(n)));
    const bought: (Bought & { country: CountryCode })[] = [];
    for (let n = 0; n < orders.length; n += 5)
      await Promise.all(orders.slice(n, n + 5).map((order) => started.carrier.purchase(order, call())));
    for (const order of orders) {
      const probe = await settledProbe(started, order);
      if (probe.kind !== 'ours') throw new Error(`not bought: ${probe.kind}`);
      bought.push({ ...probe.value, country: order.country });
    }
    return bought;
  };
  const one = async () => {
    const [number] = await buy();
    if (!number) throw new Error('nothing bought');
    return number;
  };
  const owned = async (): Promise<OwnedNumber[]> => {
    const found: OwnedNumber[] = [];
    for await (const page of current().carrier.listOwned(call())) found.push(...page);
    return found;
  };
  const shown = (all: NumberWebhooks) =>
    Object.fromEntries((subject.shownWebhooks ?? SHOWN).map((name) => [name, all[name]]));

  describe('configure', () => {
    it('V4: puts every address on the number, fallback included; repeating changes nothing', async () => {
      const { carrier } = current();
      const number = await one();
      const first = await carrier.configure(number, webhooks('b'), call());
      const again = await carrier.configure(number, webhooks('b'), call());

      expect(first.kind).toBe('done');
      expect(again.kind).toBe('done');
      expect(await owned()).toMatchObject([{ number: number.number, webhooks: shown(webhooks('b')) }]);
    });

    it('A4: is unknown when the answer is lost, and done when repeated', async () => {
      const started = current();
      const number = await one();
      await started.fault('lost_after_execution', 'configure');
      const lost = await started.carrier.configure(number, webhooks('c'), call());

      expect(['unknown', 'done']).toContain(lost.kind);
      expect((await started.carrier.configure(number, webhooks('c'), call())).kind).toBe('done');
    });

    it('is refused for a number that is not on the account', async () => {
      const started = current();
      const number = await one();
      await started.carrier.release(number, call());

      expect((await started.carrier.configure(number, webhooks(), call())).kind).toBe('refused');
    });
  });

  describe('list of owned numbers', () => {
    it('gives every number once, over as many pages as it takes, with its reference', { timeout: 60_000 }, async () => {
      const bought = await buy(105);
      const listed = await owned();

      expect(listed.map((row) => row.number).sort()).toEqual(bought.map((row) => row.number).sort());
      expect(new Set(listed.map((row) => row.carrierNumberId))).toEqual(
        new Set(bought.map((row) => row.carrierNumberId)),
      );
      if (subject.keepsReference ?? true) expect(new Set(listed.map((row) => row.reference)).size).toBe(105);
    });

    it('is an error, never a short list, when a page fails', async () => {
      const started = current();
      await one();
      await started.fault('server_error', 'any', 20);

      await expect(owned()).rejects.toMatchObject({ name: 'CarrierBusy' });
    });
  });

  describe('release', () => {
    it('gives the number back; again is done as well', async () => {
      const started = current();
      const number = await one();

      expect((await started.carrier.release(number, call())).kind).toBe('done');
      expect((await started.carrier.release(number, call())).kind).toBe('done');
      expect(await started.numbers('owned')).toEqual([]);
      expect(await owned()).toEqual([]);
    });

    it('B2: is unknown when the answer is lost, and done when repeated', async () => {
      const started = current();
      const number = await one();
      await started.fault('lost_after_execution', 'release');

      expect((await started.carrier.release(number, call())).kind).toBe('unknown');
      expect((await started.carrier.release(number, call())).kind).toBe('done');
    });
  });
}
