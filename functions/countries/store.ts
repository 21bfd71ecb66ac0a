import { createHash } from 'node:crypto';
import { getCountryCallingCode, isSupportedCountry, type CountryCode as LibraryCountry } from 'libphonenumber-js/max';
import regulatory from '../compliance/data/regulatory-requirements.json' with { type: 'json' };
import { type CountryClass, type CountryCode, NumberType, type Region } from '../domain/country.ts';
import { InvalidInput, NotFound } from '../domain/errors.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { JsonObject, Key, Table, Write } from '../platform/table.ts';
import { type Country, PolicyOverride } from './schema.ts';

interface Listed {
  readonly name: string;
  readonly policy: CountryClass;
  readonly region: Region;
  readonly numberTypes: Readonly<Record<string, { readonly offered: boolean | null } | undefined>>;
}
const LISTED = regulatory as unknown as Readonly<Record<string, Listed | undefined>>;
const names = new Intl.DisplayNames('en', { type: 'region' });

/** Codes of the data file; every other valid code is `unsupported` (S0-38). */
export const LISTED_CODES: readonly CountryCode[] = Object.keys(LISTED).filter((code) =>
  /^[A-Z]{2}$/.test(code),
) as CountryCode[];

/** ISO codes of places without a numbering plan of their own: they use a neighbour's. */
const SHARED_PLANS: Readonly<Record<string, string>> = {
  AQ: '+672',
  BV: '+47',
  GS: '+500',
  HM: '+672',
  PN: '+64',
  TF: '+262',
  UM: '+1',
};

/** A code that names a country; "XX" does not. */
export const isCountry = (code: string): boolean => isSupportedCountry(code) || Object.hasOwn(SHARED_PLANS, code);
/** Throws InvalidInput for a well-formed code that names no country; a field left out is no matter. */
export function requireCountry(code: string | undefined): void {
  if (code === undefined || isCountry(code)) return;
  const detail = `${code} is not a country.`;
  const errors = [{ pointer: '#/country', code: 'invalid_input', detail }];
  throw new InvalidInput({ code: 'invalid_input', detail, errors });
}

/** The code, if it names a country. Throws NotFound. */
export function knownCode(code: string): CountryCode {
  if (!isCountry(code)) throw new NotFound({ code: 'not_found', detail: `${code} is not a country code.` });
  return code as CountryCode;
}

/** The country as the data file has it, without overrides. */
export function listedCountry(code: CountryCode): Country {
  const listed = LISTED[code];
  const kinds = Object.entries(listed?.numberTypes ?? {}).filter(([, kind]) => kind?.offered !== false);
  return {
    object: 'country',
    code,
    name: listed?.name ?? names.of(code) ?? code,
    dialCode: dialCodeOf(code),
    ...(listed ? { region: listed.region } : {}),
    class: listed?.policy ?? 'unsupported',
    numberTypes: kinds.map(([kind]) => kind).filter((kind): kind is NumberType => NumberType.safeParse(kind).success),
  };
}

const dialCodeOf = (code: CountryCode): string =>
  isSupportedCountry(code) ? `+${getCountryCallingCode(code as LibraryCountry)}` : (SHARED_PLANS[code] ?? '');

/** Version of a country as it stands, 48 bits of its content: what a reader must have seen to change it (If-Match). */
export const versionOf = (country: Country): number =>
  Number.parseInt(createHash('sha256').update(JSON.stringify(country)).digest('hex').slice(0, 12), 16);

const partitionOf = (scope: TenantScope | undefined): string => (scope ? `TEN#${scope.tenantId}` : 'POLICY');
const keyOf = (scope: TenantScope | undefined, code: CountryCode, validFrom: string): Key => ({
  pk: partitionOf(scope),
  sk: `${scope ? 'POLICY#' : ''}${code}#${validFrom}`,
});

/** Dated policy over the data file: the tenant's own override wins, then the platform's; the latest that is valid counts. */
export async function policyOf(
  table: Table,
  scope: TenantScope | undefined,
  code: CountryCode,
  at: Date,
): Promise<Country> {
  const base = listedCountry(code);
  const override =
    (scope && (await latestOverride(table, scope, code, at))) ?? (await latestOverride(table, undefined, code, at));
  if (!override) return base;
  const { region, notes } = override;
  return { ...base, class: override.class, ...(region ? { region } : {}), ...(notes ? { notes } : {}) };
}

async function latestOverride(
  table: Table,
  scope: TenantScope | undefined,
  code: CountryCode,
  at: Date,
): Promise<PolicyOverride | undefined> {
  const prefix = `${scope ? 'POLICY#' : ''}${code}#`;
  const today = at.toISOString().slice(0, 10);
  // Newest first; `from` and `to` bound the sort key, and "~" sorts after every date.
  const page = await table.query({
    pk: partitionOf(scope),
    from: prefix,
    to: `${prefix}${today}~`,
    descending: true,
    limit: 1,
  });
  const data = page.items[0]?.data;
  return data && PolicyOverride.parse(data);
}

export function policyWrite(
  scope: TenantScope | undefined,
  code: CountryCode,
  override: PolicyOverride & { validFrom: string },
): Write {
  return { op: 'put', key: keyOf(scope, code, override.validFrom), data: { ...override } as JsonObject };
}

/** All overrides of a country, to be taken away. */
export async function policyRemovals(
  table: Table,
  scope: TenantScope | undefined,
  code: CountryCode,
): Promise<readonly Write[]> {
  const prefix = `${scope ? 'POLICY#' : ''}${code}#`;
  const page = await table.query({ pk: partitionOf(scope), prefix, limit: 90 });
  return page.items.map((item): Write => ({ op: 'delete', key: item.key }));
}
