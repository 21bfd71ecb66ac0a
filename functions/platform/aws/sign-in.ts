import type { Clock } from '../clock.ts';
import { type AccessTokenRules, verifyAccessToken } from '../jwt.ts';
import { isAlgorithm, type Variable, withoutSlash } from './settings.ts';

type Given = Readonly<Record<'OIDC_ISSUER' | 'OIDC_CLIENT_IDS', string> & Partial<Record<Variable, string>>>;

/** Verifies access tokens of the configured issuer, Cognito or any other: its keys are read from its address and kept. */
export function issuerTokens(given: Given, clock: Clock): ReturnType<typeof verifyAccessToken> {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_IDS: clients, OIDC_AUDIENCE: audience, OIDC_ALGORITHM: algorithm } = given;
  const rules: AccessTokenRules = {
    issuer,
    algorithm: algorithm !== undefined && isAlgorithm(algorithm) ? algorithm : 'RS256',
    keys: new URL(given.OIDC_JWKS_URL ?? `${withoutSlash(issuer)}/.well-known/jwks.json`),
    clientIds: clients
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    clock,
    ...(audience === undefined ? {} : { audience }),
  };
  return verifyAccessToken(rules);
}
