import { type FunctionName, NEEDED, OPTIONAL, type Variable } from '../../functions/platform/aws/settings.ts';
import { prefixOf, type StageSettings, secretsPrefixOf } from '../settings.ts';
import type { Issuer } from './sign-in.ts';

/** Where the things of the stack are, as its functions must be told. */
export interface Places {
  readonly tableName: string;
  readonly publicUrl: string;
  readonly papersBucket: string;
  readonly papersKeyArn: string;
  readonly delayQueueUrl: string;
  /** Of a state machine without the machine's own name. */
  readonly stateMachineArnPrefix: string;
  readonly issuer: Issuer;
}

/** Name of a state machine of a stage; running executions hold on to it, so it is never changed. */
export const machineNameOf = (settings: Pick<StageSettings, 'stage'>, machine: string): string =>
  `${prefixOf(settings)}-${machine}`;

/** A function's environment: exactly what it declares to need (functions/platform/aws/settings.ts), never a secret. */
export function environmentOf(
  name: FunctionName,
  settings: StageSettings,
  places: Places,
): Readonly<Record<string, string>> {
  const values = valuesOf(settings, places);
  const declared: readonly Variable[] = [...NEEDED[name], ...OPTIONAL[name]];
  return Object.fromEntries(
    declared.flatMap((variable) => {
      const value = values[variable];
      return value === undefined ? [] : [[variable, value]];
    }),
  );
}

function valuesOf(settings: StageSettings, places: Places): Readonly<Record<Variable, string | undefined>> {
  const { issuer, carrierBaseUrls } = { ...places, ...settings };
  return {
    STAGE: settings.stage,
    TABLE_NAME: places.tableName,
    PUBLIC_URL: places.publicUrl,
    CS_MAIL: settings.csMail,
    MAIL_FROM: settings.mailFrom,
    SIP_DOMAIN: settings.sipDomain,
    RATE_LIMIT_PER_MINUTE: String(settings.rateLimitPerMinute),
    MOST_WAITING: String(settings.mostWaiting),
    SEARCH_DEADLINE_MS: String(settings.searchDeadlineMs),
    PAPERS_BUCKET: places.papersBucket,
    PAPERS_KEY_ARN: places.papersKeyArn,
    STATE_MACHINE_ARN_PREFIX: places.stateMachineArnPrefix,
    SECRETS_PREFIX: secretsPrefixOf(settings),
    OIDC_ISSUER: issuer.issuer,
    OIDC_CLIENT_IDS: issuer.clientIds.join(','),
    OIDC_JWKS_URL: issuer.jwksUrl,
    OIDC_AUDIENCE: issuer.audience,
    OIDC_ALGORITHM: issuer.algorithm,
    DELAY_QUEUE_URL: places.delayQueueUrl,
    CARRIER_BASE_URLS: carrierBaseUrls && JSON.stringify(carrierBaseUrls),
  };
}
