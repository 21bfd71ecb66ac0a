import type { Secrets } from '../platform/secrets.ts';
import type { Credentials, Manifest } from './port.ts';

/** `carriers/twilio/auth-token` of TWILIO_AUTH_TOKEN. */
export const secretNameOf = (manifest: Manifest, credential: string): string =>
  `carriers/${manifest.id}/${credential
    .slice(manifest.id.length + 1)
    .toLowerCase()
    .replaceAll('_', '-')}`;

/** Credentials of a carrier by environment name, the newest of each; undefined when a required one is missing. */
export async function credentialsOf(manifest: Manifest, secrets: Secrets): Promise<Credentials | undefined> {
  const found: Record<string, string> = {};
  for (const { name, required } of manifest.credentials) {
    const value = (await secrets.find(secretNameOf(manifest, name)))?.[0];
    if (value) found[name] = value;
    else if (required) return undefined;
  }
  return found;
}
