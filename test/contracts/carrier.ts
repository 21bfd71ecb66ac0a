import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { careContract } from './carrier-care.ts';
import { papersContract } from './carrier-papers.ts';
import { purchaseContract } from './carrier-purchase.ts';
import { searchContract } from './carrier-search.ts';
import {
  type CarrierSubject,
  call,
  freeNumbers,
  orderFor,
  referenceOf,
  type StartedCarrier,
  startCarrier,
} from './carrier-start.ts';

export type { AdapterParts, CarrierSubject, StartedCarrier } from './carrier-start.ts';

/** What every carrier must do, run against its simulator over real HTTP. A carrier's test calls this with its parts. */
export function carrierContract(subject: CarrierSubject): void {
  describe(`carrier contract: ${subject.manifest.id}`, () => {
    let started: StartedCarrier | undefined;
    beforeEach(async () => {
      started = await startCarrier(subject);
    });
    afterEach(async () => {
      await started?.close();
      started = undefined;
    });
    const current = (): StartedCarrier => {
      if (!started) throw new Error('not started');
      return started;
    };
    searchContract(subject, current);
    purchaseContract(subject, current);
    careContract(subject, current);
    papersContract(subject, current);
    manifestContract(subject, current);
  });
}

function manifestContract(subject: CarrierSubject, current: () => StartedCarrier): void {
  describe('manifest', () => {
    it('declares exactly what the adapter has', () => {
      const { carrier, manifest } = current();

      expect(carrier.id).toBe(manifest.id);
      expect(subject.simulator.id).toBe(manifest.id);
      expect(carrier.reserve !== undefined).toBe(manifest.capabilities.some((row) => row.reserve !== false));
      expect(carrier.papers !== undefined).toBe(manifest.capabilities.some((row) => row.papers));
      expect(Object.keys(subject.credentials).sort()).toEqual(
        expect.arrayContaining(manifest.credentials.filter((row) => row.required).map((row) => row.name)),
      );
    });

    it('I14: no credential shows up in an observed exchange', async () => {
      const started = current();
      const [number] = freeNumbers(started, 1);
      if (!number) throw new Error('no stock');
      for await (const _ of started.carrier.search({ ...started.market, features: [], limit: 2 }, call())) break;
      await started.carrier.purchase(orderFor(number, referenceOf(1)), call());
      const shown = JSON.stringify(started.observed, (_, value: unknown) =>
        value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
      );

      expect(started.observed.length).toBeGreaterThan(1);
      const secret = started.manifest.credentials.filter((row) => !row.inbound || row.required);
      for (const { name } of secret) {
        const value = subject.credentials[name];
        // Account names travel in paths; only what authenticates is a secret.
        if (value && value.length >= 8 && !/SID|ACCOUNT|APPLICATION|KEY_ID|PUBLIC/i.test(name))
          expect(shown).not.toContain(value);
      }
    });

    if (subject.manifest.capabilities.length > 0)
      it('tells the balance where the carrier has one', async () => {
        const { carrier, world } = current();

        if (carrier.balance) expect((await carrier.balance(call())).amount).toBe(world.account.balance().amount);
      });
  });
}
