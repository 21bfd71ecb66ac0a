import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, describe, expect, it } from 'vitest';
import { secretPlace } from '../../functions/platform/aws/secret-place.ts';
import { awsSecrets } from '../../functions/platform/aws/secrets.ts';
import { officialSecretCalls } from '../../functions/platform/aws/secrets-official.ts';
import { signedCalls } from '../../functions/platform/aws/signed.ts';
import { CallRefused } from '../../functions/platform/aws/table-call.ts';
import { systemClock, testClock } from '../../local/engine/clock.ts';
import { secretsContract } from '../contracts/secrets.ts';
import { emulator, ownName } from './place.ts';

emulator();
const admin = new SecretsManagerClient();
afterAll(() => admin.destroy());
const TOKEN = 'carriers/twilio/auth-token';
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const official = officialSecretCalls();
// The emulator is slow beside the service; the limits themselves are tested where answers are scripted.
const patient = { tryMs: 10_000, totalMs: 30_000 };
const signed = signedCalls({ service: 'secretsmanager', region: 'us-east-1', clock: systemClock(), ...patient });

/** Puts members of a secret, making it the first time. */
async function put(Name: string, members: object): Promise<void> {
  const SecretString = JSON.stringify(members);
  try {
    await admin.send(new CreateSecretCommand({ Name, SecretString }));
  } catch {
    await admin.send(new PutSecretValueCommand({ SecretId: Name, SecretString }));
  }
}

describe.each([
  ['the official client', official],
  ['the signed requests', signed],
])('secrets of Secrets Manager over %s', (_, call) => {
  const opened = () => {
    const prefix = ownName('numbergate');
    const clock = testClock();
    return { prefix, clock, secrets: awsSecrets({ call, prefix, clock, log }) };
  };

  secretsContract(async (held) => {
    const { prefix, secrets } = opened();
    const whole: Record<string, Record<string, unknown>> = {};
    for (const [name, versions] of Object.entries(held)) {
      const { secretId, field } = secretPlace(prefix, name);
      whole[secretId] = { ...whole[secretId], [field]: versions };
    }
    for (const [id, members] of Object.entries(whole)) await put(id, members);
    return secrets;
  });

  it('X8: the version before a change counts beside the present one, until the next change', async () => {
    const { prefix, clock, secrets } = opened();
    const rotate = async (value: string) => {
      await put(`${prefix}/webhooks`, { [TOKEN]: value });
      clock.advance(301);
    };

    await rotate('first');
    expect(await secrets.read(TOKEN)).toEqual(['first']);
    await rotate('second');
    expect(await secrets.read(TOKEN)).toEqual(['second', 'first']);
    await rotate('third');
    expect(await secrets.read(TOKEN)).toEqual(['third', 'second']);
  });
  it('X8: a change taken back counts both the other way round', async () => {
    const { prefix, secrets } = opened();
    await put(`${prefix}/webhooks`, { [TOKEN]: 'good' });
    await put(`${prefix}/webhooks`, { [TOKEN]: 'wrong' });
    const stages = await call('GetSecretValue', { SecretId: `${prefix}/webhooks`, VersionStage: 'AWSPREVIOUS' });
    expect(stages['SecretString']).toContain('good');

    await put(`${prefix}/webhooks`, { [TOKEN]: 'good' });
    expect(await secrets.read(TOKEN)).toEqual(['good', 'wrong']);
  });
  it('knows a secret that is not there from one it may not read', async () => {
    await expect(call('GetSecretValue', { SecretId: ownName('none') })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    await expect(call('GetSecretValue', { SecretId: ownName('none') })).rejects.toThrow(CallRefused);
  });
});
