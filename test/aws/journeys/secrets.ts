import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Deployed } from './installation.ts';

type Members = Readonly<Record<string, string | readonly string[]>>;

/** What an operator does with the webhook secrets (docs/deploy.md), at the service itself. */
export function webhookSecrets({ aws, outputs }: Deployed) {
  const client = new SecretsManagerClient({
    ...{ endpoint: aws, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
  });
  const SecretId = `${outputs['SecretsPrefix']}/webhooks`;
  const read = async (): Promise<Members> =>
    JSON.parse((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '{}');
  return {
    read,
    async change(members: Members): Promise<void> {
      const SecretString = JSON.stringify({ ...(await read()), ...members });
      await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
    },
    close: () => client.destroy(),
  };
}
