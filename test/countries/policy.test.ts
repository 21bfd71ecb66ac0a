import { describe, expect, it } from 'vitest';
import { LISTED_CODES, listedCountry, policyOf, policyRemovals, policyWrite } from '../../functions/countries/store.ts';
import { CountryCode, Region } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { TenantId } from '../../functions/domain/ids.ts';
import { countryOfNumber } from '../../functions/domain/number-parsing.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';

const SPECIAL = 'AT BG CH CZ DE ES FR IT KR LT LU MT MY NO PT SG TR'.split(' ');
const RESTRICTED = ['CO', 'GE', 'ID', 'TH'];
const classOf = (code: string) => listedCountry(CountryCode.parse(code)).class;
const ofClass = (name: string) => LISTED_CODES.filter((code) => classOf(code) === name).toSorted();
const acme = tenantScope(TenantId.parse('ten_00000000000000000000000001'));
const globex = tenantScope(TenantId.parse('ten_00000000000000000000000002'));
const GB = CountryCode.parse('GB');
const at = (day: string) => new Date(`${day}T12:00:00Z`);

describe('country classes', () => {
  it('S0-39: exactly 17 are special', () => {
    expect(ofClass('special')).toEqual(SPECIAL);
    expect(SPECIAL).toHaveLength(17);
  });

  it('S0-41: exactly 4 are restricted', () => {
    expect(ofClass('restricted')).toEqual(RESTRICTED);
  });

  it('S0-36: the rest of the list is standard', () => {
    expect(LISTED_CODES.length).toBe(ofClass('standard').length + 21);
    expect(classOf('GB')).toBe('standard');
    expect(classOf('US')).toBe('standard');
  });

  it.each(['AO', 'KP', 'GG', 'PR'])(
    'S0-38: %s is not listed, so unsupported, with a name and a code of its own',
    (code) => {
      const country = listedCountry(CountryCode.parse(code));

      expect(country).toMatchObject({ class: 'unsupported', numberTypes: [] });
      expect(country.name.length).toBeGreaterThan(2);
      expect(country.dialCode).toMatch(/^\+\d/);
    },
  );

  it('S0-37: every listed country has one of the seven groups', () => {
    for (const code of LISTED_CODES) expect(Region.options).toContain(listedCountry(code).region);
    expect(new Set(LISTED_CODES.map((code) => listedCountry(code).region))).toEqual(new Set(Region.options));
    expect(listedCountry(GB).region).toBe('UK');
  });

  it.each([
    ['+441223555010', 'GB'],
    ['+441481256789', 'GG'],
    ['+441534456789', 'JE'],
    ['+12125550123', 'US'],
    ['+16045550123', 'CA'],
    ['+18095550123', 'DO'],
  ])('a shared dialling code is told apart by the region: %s is %s', (number, country) => {
    expect(countryOfNumber(E164.parse(number))).toBe(country);
  });
});

describe('dated policy', () => {
  const open = () => openTable({ path: ':memory:', clock: testClock() });

  it('a platform override holds from its day, the latest valid one counts, and it can be taken back', async () => {
    const table = open();
    await table.write([policyWrite(undefined, GB, { class: 'special', validFrom: '2026-02-01' })]);
    await table.write([policyWrite(undefined, GB, { class: 'restricted', notes: 'new law', validFrom: '2026-03-01' })]);
    const on = async (day: string) => (await policyOf(table, undefined, GB, at(day))).class;

    expect([await on('2026-01-31'), await on('2026-02-01'), await on('2026-03-05')]).toEqual([
      'standard',
      'special',
      'restricted',
    ]);
    expect(await policyOf(table, acme, GB, at('2026-03-05'))).toMatchObject({
      notes: 'new law',
      name: 'United Kingdom',
    });
    await table.write(await policyRemovals(table, undefined, GB));
    expect(await on('2026-03-05')).toBe('standard');
    table.close();
  });

  it('an override of one tenant beats the platform, for that tenant only', async () => {
    const table = open();
    await table.write([policyWrite(undefined, GB, { class: 'restricted', validFrom: '2026-01-01' })]);
    await table.write([policyWrite(acme, GB, { class: 'standard', validFrom: '2026-01-01' })]);

    expect((await policyOf(table, acme, GB, at('2026-02-01'))).class).toBe('standard');
    expect((await policyOf(table, globex, GB, at('2026-02-01'))).class).toBe('restricted');
    table.close();
  });
});
