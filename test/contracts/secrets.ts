import { expect, it } from 'vitest';
import { type Secrets, SecretUnavailable } from '../../functions/platform/secrets.ts';

/** Makes a secret store that holds these versions, newest first. */
export type OpenSecrets = (held: Readonly<Record<string, readonly string[]>>) => Promise<Secrets>;

/** What every engine's secret store must do. */
export function secretsContract(open: OpenSecrets): void {
  const held = { 'carriers/telnyx/api-key': ['one'], 'carriers/twilio/auth-token': ['new', 'old'] };

  it('reads a secret by name', async () => {
    expect(await (await open(held)).read('carriers/telnyx/api-key')).toEqual(['one']);
  });
  it('X8: gives both versions during rotation, the newest first', async () => {
    expect(await (await open(held)).find('carriers/twilio/auth-token')).toEqual(['new', 'old']);
  });
  it('V7: throws for one that is missing, and finds nothing', async () => {
    const secrets = await open(held);
    await expect(secrets.read('carriers/vonage/api-secret')).rejects.toThrow(SecretUnavailable);
    expect(await secrets.find('carriers/vonage/api-secret')).toBeUndefined();
  });
}
