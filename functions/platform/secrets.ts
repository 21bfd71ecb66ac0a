/** One secret in its valid versions, newest first; two during rotation (X8). */
export type SecretVersions = readonly string[];

/** Reads secrets by name (`carriers/twilio/auth-token`). Cached by the engine; an empty secret is an error, not a value. */
export interface Secrets {
  /** Throws `SecretUnavailable` when it is missing, empty or the store is down and nothing is cached (V7). */
  read(name: string): Promise<SecretVersions>;
  find(name: string): Promise<SecretVersions | undefined>;
}
export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';
}
