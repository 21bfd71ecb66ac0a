import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, type House, key, openHouse } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
const get = (path: string, as = 'customer', tenant?: string | false) =>
  house.ask(`GET ${path}`, { as, ...(tenant === undefined ? {} : { tenant }) });

const SPECIAL = 'AT BG CZ FR IT LT LU MY MT NO PT SG KR ES CH TR DE'.split(' ');
const RESTRICTED = 'CO GE ID TH'.split(' ');
const REGIONS = ['US', 'UK', 'APAC', 'EEA', 'LATAM', 'MEA', 'NA'];

describe('§2 GET /v1/countries', () => {
  it('S0-37: every entry has code, name, dialCode, region, class and numberTypes, and nothing else but notes', async () => {
    const { status, json } = await get('/v1/countries');
    expect(status).toBe(200);
    expect(json).toMatchObject({ object: 'list', page: { hasMore: false } });
    expect(json.data.length).toBeGreaterThan(21);
    for (const country of json.data) {
      expect(country.code).toMatch(/^[A-Z]{2}$/);
      expect(country.dialCode).toEqual(expect.any(String));
      expect(REGIONS).toContain(country.region);
      expect(['standard', 'special', 'restricted', 'unsupported']).toContain(country.class);
      expect(Array.isArray(country.numberTypes)).toBe(true);
      for (const type of country.numberTypes)
        expect(['local', 'national', 'mobile', 'toll_free', 'shared_cost']).toContain(type);
      const known = ['code', 'name', 'dialCode', 'region', 'class', 'numberTypes', 'notes', 'object'];
      for (const name of Object.keys(country)) expect(known).toContain(name);
    }
  });
  it('S0-39, S0-41: exactly 17 special and 4 restricted countries', async () => {
    const codes = async (query: string) =>
      (await get(`/v1/countries?${query}`)).json.data.map((one: { code: string }) => one.code).toSorted();
    expect(await codes('class=special')).toEqual(SPECIAL.toSorted());
    expect(await codes('class=restricted')).toEqual(RESTRICTED.toSorted());
    expect(await codes('class=special,restricted')).toHaveLength(21);
    expect(await codes('class=restricted&region=LATAM')).toEqual(['CO']);
    expect(await codes('region=UK')).toContain('GB');
    expect(await codes('region=US')).toEqual(['US']);
    expect(await codes('q=germ')).toEqual(['DE']);
    expect(await codes('q=nowhere')).toEqual([]);
  });
  it('refuses values outside the lists and unknown parameters', async () => {
    for (const query of ['class=easy', 'region=EU', 'country=GB', 'class='])
      expectProblem(await get(`/v1/countries?${query}`), 400);
  });
  it.each(['customer', 'admin', 'cs', 'operator'])('%s may read', async (as) => {
    expect((await get('/v1/countries', as, false)).status).toBe(200);
    expect((await get('/v1/countries/GB', as, false)).status).toBe(200);
  });
});

describe('§2 GET /v1/countries/{code}', () => {
  it('shows one', async () => {
    const { status, json } = await get('/v1/countries/GB');
    expect(status).toBe(200);
    expect(json).toMatchObject({ code: 'GB', name: 'United Kingdom', region: 'UK', class: 'standard' });
    expect(json.dialCode.replace('+', '')).toBe('44');
  });
  it('S0-38: an unlisted but valid code is unsupported; a bad code 404', async () => {
    for (const code of ['AQ', 'KP']) {
      const { status, json } = await get(`/v1/countries/${code}`);
      expect([status, json.class]).toEqual([200, 'unsupported']);
    }
    for (const code of ['XX', 'ZZ', 'gb1', '1', 'GBR', '%00', '..%2f'])
      expectProblem(await get(`/v1/countries/${code}`), 404, 'not_found');
  });
});

describe('§2 requirements', () => {
  it('lists what a restricted country wants, each with the fields of the page', async () => {
    const { status, json } = await get('/v1/countries/CO/requirements?type=local&subject=business&action=ordering');
    expect(status).toBe(200);
    expect(json.object).toBe('list');
    expect(typeof json.meta.known).toBe('boolean');
    expect(json.data.length).toBeGreaterThan(0);
    for (const one of json.data) {
      expect(one).toMatchObject({
        requirementId: expect.any(String),
        kind: expect.stringMatching(/^(document|text|address)$/),
        name: expect.any(String),
        description: expect.any(String),
        required: expect.any(Boolean),
        acceptedEvidence: expect.any(Array),
      });
      const optional = ['maxAgeMonths', 'addressScope'];
      for (const name of Object.keys(one))
        expect(['requirementId', 'kind', 'name', 'description', 'required', 'acceptedEvidence', ...optional]).toContain(
          name,
        );
    }
  });
  it('meta.known false where nobody knows; the subject changes the list', async () => {
    expect((await get('/v1/countries/AQ/requirements')).json.meta.known).toBe(false);
    const business = await get('/v1/countries/DE/requirements?type=local&subject=business');
    const individual = await get('/v1/countries/DE/requirements?type=local&subject=individual');
    expect(business.json.meta.known).toBe(true);
    expect(business.json.data.length).toBeGreaterThan(0);
    expect(individual.json.data).not.toEqual(business.json.data);
    expect((await get('/v1/countries/DE/requirements?action=porting')).status).toBe(200);
  });
  it('a carrier with a requirement service is asked for its own list', async () => {
    const file = await get('/v1/countries/DE/requirements');
    const twilio = await get('/v1/countries/DE/requirements?carrier=twilio');
    const telnyx = await get('/v1/countries/DE/requirements?carrier=telnyx');
    const vonage = await get('/v1/countries/DE/requirements?carrier=vonage');

    expect([file, twilio, telnyx, vonage].map(({ json }) => json.meta)).toEqual([
      { known: true, source: 'data_file' },
      { known: true, source: 'carrier' },
      { known: true, source: 'carrier' },
      { known: true, source: 'data_file' },
    ]);
    expect(twilio.json.data).not.toEqual(telnyx.json.data);
    expect(vonage.json.data).toEqual(file.json.data);
  });
  it('S0-42: no carrier hears of a restricted country', async () => {
    const reached = async () => (await house.control('GET telnyx/requests')).json.data.length;
    const before = await reached();

    const { json } = await get('/v1/countries/CO/requirements?carrier=telnyx');

    expect(json.meta.source).toBe('data_file');
    expect(await reached()).toBe(before);
  });
  it('a carrier in trouble is no trouble here: the list of the data file is given', async () => {
    await house.control('POST twilio/faults', { fault: 'server_error', on: 'any', times: 5 });

    const { status, json } = await get('/v1/countries/DE/requirements?carrier=twilio&subject=individual');

    expect([status, json.meta.source, json.data.length > 0]).toEqual([200, 'data_file', true]);
    await house.control('DELETE twilio/faults');
  });
  it('a list for businesses says nothing about individuals: unknown, never none', async () => {
    const asked = (subject: string) => get(`/v1/countries/CO/requirements?type=local&subject=${subject}`);
    expect((await asked('business')).json.meta.known).toBe(true);
    expect((await asked('individual')).json).toMatchObject({ data: [], meta: { known: false } });
  });
  it('refuses values outside the lists; bad codes are 404', async () => {
    for (const query of ['type=fax', 'subject=robot', 'action=selling', 'carrier=acme', 'foo=1'])
      expectProblem(await get(`/v1/countries/DE/requirements?${query}`), 400);
    expectProblem(await get('/v1/countries/XX/requirements'), 404);
  });
});

describe('conventions: the lists of §2 are paged like any other', () => {
  it.each(['/v1/countries?', '/v1/countries/GB/areas?', '/v1/countries/CO/requirements?'])('%s', async (path) => {
    const all: string[] = [];
    let query = 'limit=200';
    for (let turn = 0; turn < 20; turn++) {
      const { status, json, headers } = await get(`${path}${query}`);
      expect(status).toBe(200);
      all.push(...json.data.map((one: unknown) => JSON.stringify(one)));
      expect(headers.get('link') !== null).toBe(json.page.hasMore);
      if (!json.page.hasMore) break;
      query = `limit=200&cursor=${encodeURIComponent(json.page.nextCursor)}`;
    }
    expect(new Set(all).size).toBe(all.length);
    const two = await get(`${path}limit=2`);
    expect(two.json.data.map((one: unknown) => JSON.stringify(one))).toEqual(all.slice(0, 2));
    expect(two.json.page.hasMore).toBe(true);
    // More than one page of the United Kingdom's area codes: what is not shown is not called absent.
    if (path.includes('areas')) expect(all.length).toBeGreaterThan(200);
    expectProblem(await get(`${path}limit=0`), 400);
    expectProblem(await get(`${path}cursor=zzz`), 400, 'bad_cursor');
  });
});

describe('§2 areas', () => {
  it('S2-10, S2-12: places with code, name, stock and time zone; searched by q', async () => {
    const { status, json } = await get('/v1/countries/GB/areas?type=local');
    expect(status).toBe(200);
    expect(json.data.length).toBeGreaterThan(2);
    for (const area of json.data) {
      expect(area.areaCode).toMatch(/^\d+$/);
      expect(area.name).toEqual(expect.any(String));
      expect(['plenty', 'few', 'none', 'unknown']).toContain(area.stock);
    }
    const found = (await get('/v1/countries/GB/areas?q=Cambridge')).json.data;
    expect(found.map((one: { areaCode: string }) => one.areaCode)).toContain('1223');
    const byCode = (await get('/v1/countries/GB/areas?q=1223')).json.data;
    expect(byCode.map((one: { areaCode: string }) => one.areaCode)).toContain('1223');
    expect((await get('/v1/countries/GB/areas?q=zzzz')).json.data).toEqual([]);
  });
  it('S with the header may, O may what S may, and without the header?', async () => {
    expect((await get('/v1/countries/GB/areas', 'cs')).status).toBe(200);
    expect((await get('/v1/countries/GB/areas', 'operator')).status).toBe(200);
    expectProblem(await get('/v1/countries/XX/areas'), 404);
    expectProblem(await get('/v1/countries/GB/areas?type=fax'), 400);
  });
});

describe('§2 policy', () => {
  const put = (code: string, body: unknown, as: string, tenant?: string | false) =>
    house.ask(`PUT /v1/countries/${code}/policy`, { as, body, ...(tenant === undefined ? {} : { tenant }) });
  const remove = (code: string, as: string, tenant?: string | false) =>
    house.ask(`DELETE /v1/countries/${code}/policy`, { as, ...(tenant === undefined ? {} : { tenant }) });

  it('an operator changes the platform and takes it back', async () => {
    expect((await put('NL', { class: 'special', notes: 'By hand' }, 'operator', false)).status).toBe(200);
    expect((await get('/v1/countries/NL')).json).toMatchObject({ class: 'special', notes: 'By hand' });
    expect((await get('/v1/countries?class=special')).json.data).toHaveLength(18);
    expect((await get('/v1/countries/NL', 'globex')).json.class).toBe('special');
    expect((await remove('NL', 'operator', false)).status).toBe(204);
    expect((await get('/v1/countries/NL')).json.class).toBe('standard');
  });
  it('customer success changes one tenant only', async () => {
    expectProblem(await put('NL', { class: 'restricted' }, 'cs', false), 400, 'tenant_required');
    expect((await put('NL', { class: 'restricted' }, 'cs')).status).toBe(200);
    expect((await get('/v1/countries/NL')).json.class).toBe('restricted');
    expect((await get('/v1/countries/NL', 'globex')).json.class).toBe('standard');
    const made = await house.ask('POST /v1/number-requests', { as: 'admin', key: key(), body: { country: 'NL' } });
    expect(made.json).toMatchObject({ class: 'restricted', state: 'approval_pending' });
    expect((await remove('NL', 'cs')).status).toBe(204);
    expect((await get('/v1/countries/NL')).json.class).toBe('standard');
  });
  it('validFrom: a dated policy counts from its day', async () => {
    const now = Date.parse((await house.ask('GET /health')).json.time);
    const validFrom = new Date(now + 2 * 86_400_000).toISOString();
    const day = await put('BE', { class: 'special', validFrom: validFrom.slice(0, 10) }, 'operator', false);
    const set = day.status === 200 ? day : await put('BE', { class: 'special', validFrom }, 'operator', false);
    expect(set.status, set.text).toBe(200);
    expect((await get('/v1/countries/BE')).json.class).toBe('standard');
    await house.advance(3 * 86_400);
    expect((await get('/v1/countries/BE')).json.class).toBe('special');
  });
  it('If-Match: the ETag of the country as it was read', async () => {
    const etag = (await get('/v1/countries/PL')).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    const set = (ifMatch: string) =>
      house.ask('PUT /v1/countries/PL/policy', { as: 'operator', tenant: false, body: { class: 'special' }, ifMatch });
    const done = await set(etag);
    expect(done.status, done.text).toBe(200);
    expect(done.headers.get('etag')).not.toBe(etag);
    expectProblem(await set(etag), 412, 'stale_version');
  });
  it('refuses bad values, bad codes and others', async () => {
    expectProblem(await put('BE', { class: 'easy' }, 'operator', false), 400);
    expectProblem(await put('BE', { region: 'EU' }, 'operator', false), 400);
    expectProblem(await put('BE', { klass: 'special' }, 'operator', false), 400);
    expectProblem(await put('XX', { class: 'special' }, 'operator', false), 404);
    for (const as of ['customer', 'admin']) {
      expectProblem(await put('BE', { class: 'special' }, as), 403, 'not_allowed');
      expectProblem(await remove('BE', as), 403, 'not_allowed');
    }
  });
});
