import { describe, expect, it } from 'vitest';
import { baseUrls, NEEDED, OPTIONAL, readVariables } from '../../../functions/platform/aws/settings.ts';
import { GIVEN } from './environment.ts';

const names = Object.keys(NEEDED) as (keyof typeof NEEDED)[];
const without = (variable: string) => ({ ...GIVEN, [variable]: undefined });

describe('the variables of a function', () => {
  it.each(names)('of %s are read when all are there', (name) => {
    const read: Readonly<Record<string, string | undefined>> = readVariables(name, GIVEN);

    expect(Object.keys(read).toSorted()).toEqual([...NEEDED[name], ...presentOptional(name)].toSorted());
  });

  it.each(names.flatMap((name) => NEEDED[name].map((variable) => [name, variable] as const)))(
    'of %s are refused at the start without %s',
    (name, variable) => {
      expect(() => readVariables(name, without(variable))).toThrow(`Settings of ${name}: ${variable} is missing`);
      expect(() => readVariables(name, { ...GIVEN, [variable]: '  ' })).toThrow(`${variable} is missing`);
    },
  );

  it('name everything that is wrong at once, and no value', () => {
    const wrong = { ...GIVEN, PUBLIC_URL: 'gateway.example', RATE_LIMIT_PER_MINUTE: '0', CS_MAIL: 'my-secret' };

    expect(() => readVariables('api', { ...wrong, TABLE_NAME: '' })).toThrow(
      'Settings of api: TABLE_NAME is missing; PUBLIC_URL is not an http(s) address; ' +
        'CS_MAIL is not a mail address; RATE_LIMIT_PER_MINUTE is not a whole number from 1 to 1000000',
    );
  });

  it.each([
    ['RATE_LIMIT_PER_MINUTE', '1.5'],
    ['SEARCH_DEADLINE_MS', '99'],
    ['SEARCH_DEADLINE_MS', '3s'],
    ['OIDC_ISSUER', 'file:///etc/passwd'],
    ['OIDC_JWKS_URL', 'keys'],
    ['OIDC_ALGORITHM', 'HS256'],
    ['OIDC_ALGORITHM', 'none'],
    ['CARRIER_BASE_URLS', '["https://one.example"]'],
    ['CARRIER_BASE_URLS', '{"twilio":"nowhere"}'],
    ['CARRIER_BASE_URLS', '{'],
  ])('refuse %s = %s', (variable, value) => {
    expect(() => readVariables('carriers', { ...GIVEN, [variable]: value })).toThrow(variable);
  });

  it('give inbound nothing of mails, papers, carriers or sign-in', () => {
    expect([...NEEDED.inbound, ...OPTIONAL.inbound]).toEqual(['STAGE', 'TABLE_NAME', 'PUBLIC_URL', 'SECRETS_PREFIX']);
  });

  it('let only the carriers function be told where carriers are', () => {
    expect(names.filter((name) => (OPTIONAL[name] as readonly string[]).includes('CARRIER_BASE_URLS'))).toEqual([
      'carriers',
    ]);
  });

  it('read roots of carriers without their last slash', () => {
    expect(baseUrls('{"twilio":"http://127.0.0.1:3001/twilio/"}')).toEqual({ twilio: 'http://127.0.0.1:3001/twilio' });
    expect(baseUrls(undefined)).toEqual({});
  });
});

const presentOptional = (name: keyof typeof NEEDED): readonly string[] =>
  OPTIONAL[name].filter((variable) => variable in GIVEN);
