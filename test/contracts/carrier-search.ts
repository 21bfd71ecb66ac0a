import { describe, expect, it } from 'vitest';
import type { SearchPage, SearchWish } from '../../functions/carriers/port.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import { nationalDigits } from '../../local/carriers/kernel/stock.ts';
import { type CarrierSubject, call, capabilityFor, type StartedCarrier } from './carrier-start.ts';

/** All pages of a search, at most ten. */
async function pagesOf(started: StartedCarrier, wish: SearchWish, timeoutMs = 5_000): Promise<SearchPage[]> {
  const pages: SearchPage[] = [];
  for await (const page of started.carrier.search(wish, call(timeoutMs))) {
    pages.push(page);
    if (pages.length === 10) break;
  }
  return pages;
}
const offersOf = (pages: readonly SearchPage[]) => pages.flatMap((page) => page.offers);

/** Search: filters, honesty about them, empty markets, and S1–S4. */
export function searchContract(subject: CarrierSubject, current: () => StartedCarrier): void {
  const wish = (more: Partial<SearchWish> = {}): SearchWish => ({
    ...{ country: current().market.country, type: current().market.type, features: [], limit: 5 },
    ...more,
  });
  describe('search', () => {
    it('finds free numbers of the country and type asked for, with a price', async () => {
      const started = current();
      const offers = offersOf(await pagesOf(started, wish({ areaCode: started.market.areaCode })));

      expect(offers.length).toBeGreaterThan(0);
      for (const offer of offers) {
        const stocked = started.world.numbers.find(offer.number);
        expect(stocked).toMatchObject({ state: 'available', country: offer.country, type: offer.type });
        if (offer.monthly) expect(offer.monthly).toEqual(stocked?.monthly);
      }
    });

    it('finds numbers in each country and type it declares', async () => {
      const started = current();
      const { countries, types } = subject.simulator.stock;
      const all = countries === '*' ? ['GB', 'US', 'DE', 'FR', 'CA'] : countries;
      for (const country of all.slice(0, 12))
        for (const type of types) {
          if (!capabilityFor(subject.manifest, country, type)) continue;
          if (started.world.numbers.search({ country, type, limit: 1 }).length === 0) continue;
          const offers = offersOf(
            await pagesOf(started, wish({ country: CountryCode.parse(country), type, limit: 2 })),
          );
          expect(offers.length, `${country} ${type}`).toBeGreaterThan(0);
          expect(new Set(offers.map((offer) => `${offer.country} ${offer.type}`))).toEqual(
            new Set([`${country} ${type}`]),
          );
        }
    });

    it.each([
      ['areaCode', { areaCode: '161' }],
      ['locality', { locality: 'Manchester' }],
      ['region', { region: 'Scotland' }],
      ['features', { features: ['voice', 'sms'] as const }],
      ['pattern', { pattern: { text: '55', match: 'anywhere' } as const }],
      ['pattern', { pattern: { text: '1', match: 'ends' } as const }],
      ['pattern', { pattern: { text: '16', match: 'starts' } as const }],
    ] as const)('says who applied %s (%j), and truly applies what it declares', async (filter, asked) => {
      const started = current();
      const declared = capabilityFor(subject.manifest, 'GB', 'local')?.filters.includes(filter) ?? false;
      const pages = await pagesOf(
        started,
        wish({ country: CountryCode.parse('GB'), type: 'local', limit: 20, ...asked }),
      );

      for (const page of pages) {
        const by = page.appliedBy[filter];
        // A carrier may know only some patterns; it must then leave the others to the gateway.
        expect(
          declared && filter === 'pattern' ? ['carrier', 'gateway'] : [declared ? 'carrier' : 'gateway'],
        ).toContain(by);
        if (by === 'carrier')
          for (const offer of page.offers) expect(satisfies(started, offer.number, asked), offer.number).toBe(true);
      }
    });

    it('S2-12: an area without stock is an empty answer, not an error', async () => {
      const pages = await pagesOf(
        current(),
        wish({ country: CountryCode.parse('GB'), type: 'local', areaCode: '1954' }),
      );
      // Where the gateway applies the area, rows of other areas may come; none of them is of this one.
      expect(offersOf(pages).filter((offer) => offer.number.startsWith('+441954'))).toEqual([]);
    });

    it('S2: one 429 is waited out and repeated', async () => {
      const started = current();
      await started.fault('rate_limited', 'search');

      expect(offersOf(await pagesOf(started, wish())).length).toBeGreaterThan(0);
    });

    it('S2: a lasting 429 is CarrierBusy rate_limited with the time to wait', async () => {
      const started = current();
      await started.fault('rate_limited', 'search', 20);

      await expect(pagesOf(started, wish())).rejects.toMatchObject({
        name: 'CarrierBusy',
        code: 'rate_limited',
        retryAfterSeconds: 1,
      });
      // Per address: some carriers ask for the price beside the numbers.
      const paths = (await started.requests()).map((request) => request.path);
      for (const path of paths) expect(paths.filter((other) => other === path).length).toBeLessThanOrEqual(3);
    });

    it('S1: a lasting 5xx is CarrierBusy carrier_down', async () => {
      const started = current();
      await started.fault('server_error', 'search', 20);

      await expect(pagesOf(started, wish())).rejects.toMatchObject({ name: 'CarrierBusy', code: 'carrier_down' });
    });

    it('S1: a carrier that is too slow is CarrierBusy timeout', async () => {
      const started = current();
      await started.fault('slow', 'search', 20);

      await expect(pagesOf(started, wish(), 150)).rejects.toMatchObject({
        name: 'CarrierBusy',
        code: 'timeout',
        status: 504,
      });
    });

    it('S3: a body that is always cut is an error, never half a list', async () => {
      const started = current();
      await started.fault('cut_body', 'search', 20);

      await expect(pagesOf(started, wish())).rejects.toMatchObject({ name: 'CarrierBusy' });
    });

    it.each([
      ['HTML', '<html><body>Maintenance</body></html>'],
      ['nothing', ''],
      ['other JSON', '{"hello":["world"]}'],
      ['a list', '[]'],
    ])('S3: %s with status 200 is CarrierUnusable malformed_reply', async (_, text) => {
      const started = current();
      started.spoil((answer) => ({ ...answer, body: new TextEncoder().encode(text) }));
      const outcome = await pagesOf(started, wish()).then(
        (pages) => offersOf(pages).length,
        (error: unknown) => error,
      );
      // A carrier whose empty answer is `{}` may take other JSON for "nothing found".
      if (outcome !== 0 || text === '' || text.startsWith('<'))
        expect(outcome).toMatchObject({ name: 'CarrierUnusable', code: 'malformed_reply' });
    });

    it('S4: a row that is no valid number is dropped and counted', async () => {
      const started = current();
      const first = offersOf(await pagesOf(started, wish({ areaCode: started.market.areaCode }))).at(0);
      const digits = first?.number.slice(1) ?? '';
      const hurt = (text: string) => text.replaceAll(digits, '12x');
      started.spoil((answer) => ({
        ...answer,
        body: new TextEncoder().encode(hurt(new TextDecoder().decode(answer.body))),
      }));
      const pages = await pagesOf(started, wish({ areaCode: started.market.areaCode }));

      expect(pages.reduce((sum, page) => sum + page.dropped, 0)).toBeGreaterThan(0);
      expect(offersOf(pages).map((offer) => offer.number)).not.toContain(first?.number);
    });

    it('ends when the caller gives up, and asks nothing when that was before', async () => {
      const started = current();
      await started.fault('slow', 'search', 20);
      const giving = new AbortController();
      const iterator = started.carrier.search(wish(), call(60_000, giving.signal))[Symbol.asyncIterator]();
      const first = iterator.next();
      setTimeout(() => giving.abort(), 50);

      await expect(first).rejects.toMatchObject({ name: 'CarrierBusy' });
      const asked = started.sent();
      const late = started.carrier.search(wish(), call(60_000, giving.signal))[Symbol.asyncIterator]();
      await expect(late.next()).rejects.toMatchObject({ name: 'CarrierBusy' });
      expect(started.sent()).toBe(asked);
    });
  });
}

function satisfies(started: StartedCarrier, number: string, asked: Partial<SearchWish>): boolean {
  const stocked = started.world.numbers.find(number);
  if (!stocked) return false;
  const digits = nationalDigits(number, stocked.country);
  const { areaCode, locality, region, features, pattern } = asked;
  if (areaCode && stocked.areaCode !== areaCode) return false;
  if (locality && stocked.locality !== locality) return false;
  if (region && stocked.region !== region) return false;
  if (features?.some((feature) => !stocked.features.includes(feature))) return false;
  if (pattern?.match === 'starts') return digits.startsWith(pattern.text);
  if (pattern?.match === 'ends') return digits.endsWith(pattern.text);
  return pattern ? digits.includes(pattern.text) : true;
}
