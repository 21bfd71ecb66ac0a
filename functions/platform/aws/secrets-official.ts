import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { inTime } from './in-time.ts';
import { within } from './limits.ts';
import { type TableCall, toCallError } from './table-call.ts';

/** Milliseconds of one try, and of all of them. */
const TRY_MS = 1_000;
const TOTAL_MS = 3_000;

/** Secrets Manager's `GetSecretValue` over the official client. Make one per function. */
export function officialSecretCalls(): TableCall {
  const client = new SecretsManagerClient({ maxAttempts: 3, requestHandler: within(TRY_MS) });
  return async (operation, input) => {
    if (operation !== 'GetSecretValue') throw new TypeError(`secrets are only read here, not ${operation}`);
    const { SecretId, VersionStage } = input as { readonly SecretId: string; readonly VersionStage: string };
    const command = new GetSecretValueCommand({ SecretId, VersionStage });
    try {
      const { SecretString } = await inTime(TOTAL_MS, (abortSignal) => client.send(command, { abortSignal }));
      return { SecretString };
    } catch (error) {
      throw toCallError(error);
    }
  };
}
