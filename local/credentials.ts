import { randomBytes, randomUUID } from 'node:crypto';
import { credentialsOf as credentialsIn, secretNameOf } from '../functions/carriers/credentials.ts';
import type { Credentials, Manifest } from '../functions/carriers/port.ts';
import { MANIFESTS } from '../functions/carriers/registry.ts';
import type { Secrets } from '../functions/platform/secrets.ts';
import { simulatedPublicKey } from './carriers/telnyx/keys.ts';
import { randomSecret, type SecretRule } from './engine/secrets.ts';
import { signingKey } from './engine/sign-in-tokens.ts';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const digits = (count: number): string => Array.from(randomBytes(count), (byte) => String(byte % 10)).join('');
/** What a simulated account calls itself, in the carrier's own form. */
const SIMULATED: Readonly<Record<string, () => string>> = {
  TWILIO_ACCOUNT_SID: () => `AC${hex(16)}`,
  TWILIO_AUTH_TOKEN: () => hex(16),
  TELNYX_API_KEY: () => `KEY${hex(16).toUpperCase()}`,
  TELNYX_CONNECTION_ID: () => `1${digits(18)}`,
  TELNYX_MESSAGING_PROFILE_ID: () => randomUUID(),
  VONAGE_API_KEY: () => hex(4),
  VONAGE_API_SECRET: () => hex(8),
  VONAGE_APPLICATION_ID: () => randomUUID(),
  VONAGE_SIGNATURE_SECRET: () => hex(25),
};

/** True when the environment holds what this carrier needs: then it is called itself instead of its simulator. */
export const isReal = (manifest: Manifest, env: Readonly<Record<string, string | undefined>>): boolean =>
  manifest.credentials.every(({ name, required }) => !required || (env[name] ?? '') !== '');

/** Every secret of a local installation; those of simulated carriers are made on first start. */
export function secretRules(env: Readonly<Record<string, string | undefined>>): readonly SecretRule[] {
  const carriers = MANIFESTS.flatMap((manifest) =>
    manifest.credentials.map(({ name }): SecretRule => {
      const generate = isReal(manifest, env) ? undefined : SIMULATED[name];
      return { name: secretNameOf(manifest, name), variable: name, ...(generate ? { generate } : {}) };
    }),
  );
  const own = ['sign-in/key', 'cursor/key', 'blobs/link-secret', 'inbound/step-key'];
  return [
    ...carriers,
    ...own.map((name): SecretRule => ({ name, generate: name === 'sign-in/key' ? signingKey : randomSecret })),
  ];
}

/** Credentials of a carrier by environment name; undefined when a required one is missing. */
export const credentialsOf = (manifest: Manifest, secrets: Secrets): Promise<Credentials | undefined> =>
  credentialsIn(manifest, withSimulatedKeys(secrets));

/**
 * The secrets with the simulated Telnyx account's public key, which follows from its API key.
 */
export function withSimulatedKeys(secrets: Secrets): Secrets {
  const find = async (name: string) => {
    const found = await secrets.find(name);
    if (found || name !== 'carriers/telnyx/public-key') return found;
    const [apiKey] = (await secrets.find('carriers/telnyx/api-key')) ?? [];
    return apiKey ? [simulatedPublicKey(apiKey)] : undefined;
  };
  return { find, read: async (name) => (await find(name)) ?? secrets.read(name) };
}
