import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { isPlaceholder } from '../placeholder.ts';
import { type Secrets, SecretUnavailable, type SecretVersions } from '../secrets.ts';
import { secretPlace } from './secret-place.ts';
import { secretStore } from './secret-store.ts';
import type { TableCall } from './table-call.ts';

export interface AwsSecretsOptions {
  /** Operation `GetSecretValue`, over the official client or our signed one. */
  readonly call: TableCall;
  /** Beginning of the ids, as in `numbergate/prod`; no slash at its end. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Age at which a secret is read again, default 300; inbound keeps its own and reads anew after a wrong signature. */
  readonly freshSeconds?: number;
  /** Age up to which it is used while the store is down, default 3,600 (V7). */
  readonly keptSeconds?: number;
}

/**
 * Secrets of Secrets Manager, each a member of a JSON object (`secretPlace`): a text, or a list of its valid versions, newest
 * first. Beside a text the text of the version before counts as well; a list says itself what is valid, and what follows a list
 * ends a rotation (X8). Empty values and placeholders are errors; so are a store that is down or refuses, once nothing kept is
 * young enough (V7).
 */
export function awsSecrets(options: AwsSecretsOptions): Secrets {
  const store = secretStore(options);
  const find: Secrets['find'] = async (name) => {
    const { secretId, field } = secretPlace(options.prefix, name);
    const { current, previous } = await store.read(secretId);
    if (!Object.hasOwn(current, field)) return undefined;
    const value = current[field];
    const before = Object.hasOwn(previous, field) ? previous[field] : undefined;
    // What was taken away from a list must not come back as the version before.
    const isPlain = typeof value === 'string' && typeof before === 'string';
    return checked(name, value, isPlain ? before : undefined);
  };
  return {
    find,
    async read(name) {
      const found = await find(name);
      if (!found) throw new SecretUnavailable(`secret ${name} is not set`);
      return found;
    },
  };
}

/** The former version is no reason to refuse: a placeholder there is what the present one has replaced. */
function checked(name: string, value: unknown, before: unknown): SecretVersions {
  const present = versionsOf(value);
  if (present.length === 0 || present.some(isPlaceholder))
    throw new SecretUnavailable(`secret ${name} is empty or a placeholder`);
  const former = versionsOf(before).filter((version) => !isPlaceholder(version));
  return [...new Set([...present, ...former])].slice(0, 2);
}

function versionsOf(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : value === undefined ? [] : [value];
  return list.map((version) => (typeof version === 'string' ? version.trim() : ''));
}
