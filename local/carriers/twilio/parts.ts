import { type Context, Hono } from 'hono';
import type { JsonObject, SimWorld } from '../kernel/simulator-port.ts';
import { attributesOf, formOf, listPage, metaPage, notFound, problem } from './answers.ts';
import { complianceUrl, iso } from './compliance-rows.ts';
import { rfc2822 } from './number-rows.ts';
import { readRegulations, regulationRow, wireType } from './regulations.ts';

const FILES = ['image/jpeg', 'image/png', 'application/pdf'];

/** Regulations, end users and supporting documents; a document with a file comes as multipart, as on the upload host. */
export function partRoutes(world: SimWorld): Hono {
  const app = new Hono();
  app.get('/Regulations', (c) => {
    const { IsoCountry, NumberType, EndUserType } = c.req.query();
    const rows = readRegulations()
      .filter(({ country }) => IsoCountry === undefined || country === IsoCountry)
      .filter(({ type }) => NumberType === undefined || wireType(type) === NumberType)
      .filter(({ subject }) => EndUserType === undefined || subject === EndUserType);
    return metaPage(
      c,
      world,
      rows.map((row) => regulationRow(row, world.publicUrl)),
    );
  });
  collection(app, world, { path: '/EndUsers', kept: 'endUsers', prefix: 'IT', extra: () => ({}) });
  collection(app, world, {
    path: '/SupportingDocuments',
    kept: 'documents',
    prefix: 'RD',
    extra: (form) => ({ status: 'draft', mime_type: form['File'] ?? null, failure_reason: null, errors: null }),
  });
  return app;
}

interface Collection {
  readonly path: string;
  readonly kept: string;
  readonly prefix: string;
  readonly extra: (form: Readonly<Record<string, string>>) => JsonObject;
}

function collection(app: Hono, world: SimWorld, { path, kept, prefix, extra }: Collection): void {
  app.post(path, async (c) => {
    const form = await formOf(c);
    const attributes = attributesOf(form['Attributes']);
    if (!form['FriendlyName'] || !form['Type'] || attributes === undefined)
      return problem(400, 20001, 'Invalid Parameter');
    if (form['File'] !== undefined && !FILES.includes(form['File'])) return problem(400, 21651, 'Invalid file type');
    const sid = `${prefix}${world.hex(32)}`;
    const now = iso(world.clock.now());
    const row: JsonObject = {
      sid,
      account_sid: world.credentials['TWILIO_ACCOUNT_SID'] ?? '',
      friendly_name: form['FriendlyName'],
      type: form['Type'],
      attributes,
      ...extra(form),
      date_created: now,
      date_updated: now,
      url: complianceUrl(world, `${path.slice(1)}/${sid}`),
    };
    world.records.put(kept, sid, row);
    return c.json(row, 201);
  });
  app.get(path, (c) => metaPage(c, world, world.records.list(kept)));
  app.get(`${path}/:sid`, (c) => fetched(c, world, kept));
}

function fetched(c: Context, world: SimWorld, kept: string): Response {
  const row = world.records.get(kept, c.req.param('sid') ?? '');
  return row === undefined ? notFound(c.req.path) : c.json(row);
}

/** Addresses of the account (2010 interface). */
export function addressRoutes(world: SimWorld): Hono {
  const app = new Hono();
  app.post('/Addresses.json', async (c) => {
    const form = await formOf(c);
    const { CustomerName, Street, City, Region, PostalCode, IsoCountry, FriendlyName, StreetSecondary } = form;
    const isWhole = CustomerName && Street && City && Region && PostalCode && /^[A-Z]{2}$/.test(IsoCountry ?? '');
    if (!isWhole) return problem(400, 21628, 'Address could not be validated');
    const sid = `AD${world.hex(32)}`;
    const account = world.credentials['TWILIO_ACCOUNT_SID'] ?? '';
    const now = rfc2822(world.clock.now());
    const row: JsonObject = {
      sid,
      account_sid: account,
      customer_name: CustomerName,
      friendly_name: FriendlyName ?? null,
      street: Street,
      street_secondary: StreetSecondary ?? null,
      city: City,
      region: Region,
      postal_code: PostalCode,
      iso_country: IsoCountry ?? '',
      emergency_enabled: false,
      validated: true,
      verified: false,
      date_created: now,
      date_updated: now,
      uri: `/2010-04-01/Accounts/${account}/Addresses/${sid}.json`,
    };
    world.records.put('addresses', sid, row);
    return c.json(row, 201);
  });
  app.get('/Addresses.json', (c) => listPage(c, 'addresses', world.records.list('addresses')));
  return app;
}
