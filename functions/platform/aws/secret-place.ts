/** Where a secret lies in Secrets Manager: the id of a secret that is a JSON object, and the member of it. */
export interface SecretPlace {
  readonly secretId: string;
  readonly field: string;
}

/**
 * What inbound reads, all in one secret so that one reading serves a cold start (performance §3 rule 9). Some of it is a
 * carrier's API credential as well (Twilio signs with its auth token): it lies here only, and the carriers function reads both.
 */
export const WEBHOOK_SECRETS: ReadonlySet<string> = new Set([
  'inbound/step-key',
  'carriers/twilio/account-sid',
  'carriers/twilio/auth-token',
  'carriers/telnyx/public-key',
  'carriers/vonage/signature-secret',
  'carriers/vonage/api-key',
  'carriers/vonage/application-id',
]);

/** The place of a secret by its name: `<prefix>/webhooks`, `<prefix>/carriers/<carrier>`, else `<prefix>/gateway`. */
export function secretPlace(prefix: string, name: string): SecretPlace {
  const [room, carrier] = name.split('/');
  if (WEBHOOK_SECRETS.has(name)) return { secretId: `${prefix}/webhooks`, field: name };
  if (room === 'carriers' && carrier) return { secretId: `${prefix}/carriers/${carrier}`, field: name };
  return { secretId: `${prefix}/gateway`, field: name };
}
