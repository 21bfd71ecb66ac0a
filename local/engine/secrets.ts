import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import * as z from 'zod';
import { isPlaceholder } from '../../functions/platform/placeholder.ts';
import { type Secrets, SecretUnavailable, type SecretVersions } from '../../functions/platform/secrets.ts';
import { readTextFile, replaceTextFile } from './files.ts';

/** One secret this installation may have. */
export interface SecretRule {
  /** As in `carriers/twilio/auth-token`. */
  readonly name: string;
  /** Variable it may be set by (`<variable>_PREVIOUS` during rotation); default made by `variableOf`. */
  readonly variable?: string;
  /** Makes a local one on first start, kept in the file. */
  readonly generate?: () => string;
}
export interface SecretsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** File of the generated ones, mode 0600. */
  readonly path: string;
  /** Local mode: a placeholder in the environment counts as not set; outside it the start is refused. */
  readonly local: boolean;
  readonly rules: readonly SecretRule[];
}
export interface LocalSecrets extends Secrets {
  /** Makes a new version of a generated secret; the former one stays valid beside it until the next rotation (X8). */
  rotate(name: string): void;
}

const SecretsFile = z.strictObject({ secrets: z.record(z.string(), z.array(z.string().min(1)).min(1).max(2)) });
type Kept = z.infer<typeof SecretsFile>['secrets'];

/**
 * Secrets from the environment, else from the file, whose generated ones are made on first start.
 * Throws `SecretUnavailable` when the file is damaged or, outside local mode, a placeholder is set.
 */
export function openSecrets({ env, path, local, rules }: SecretsOptions): LocalSecrets {
  const kept = { ...readKept(path) };
  const save = (): void => replaceTextFile(path, `${JSON.stringify({ secrets: kept }, null, 2)}\n`);
  const variables = new Map(rules.map((rule) => [rule.name, rule.variable ?? variableOf(rule.name)]));
  const find = (name: string): SecretVersions | undefined => {
    const variable = variables.get(name) ?? variableOf(name);
    return fromEnvironment(env, variable, local) ?? kept[name];
  };

  for (const { name } of rules) find(name);
  const missing = rules.filter(({ name, generate }) => generate && !kept[name]);
  for (const { name, generate } of missing) if (generate) kept[name] = [generate()];
  if (missing.length > 0) save();
  return {
    async find(name) {
      return find(name);
    },
    async read(name) {
      const found = find(name);
      if (!found) throw new SecretUnavailable(`secret ${name} is not set`);
      return found;
    },
    rotate(name) {
      const generate = rules.find((rule) => rule.name === name)?.generate;
      if (!generate) throw new SecretUnavailable(`secret ${name} is not made here`);
      kept[name] = [generate(), ...(kept[name] ?? []).slice(0, 1)];
      save();
    },
  };
}

/** 256 random bits in URL-safe characters. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** `carriers/twilio/auth-token` is set by `TWILIO_AUTH_TOKEN`, `session/signing-key` by `SESSION_SIGNING_KEY`. */
export function variableOf(name: string): string {
  return name
    .replace(/^carriers\//, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_');
}

/** The former version counts only beside the present one. */
function fromEnvironment(env: SecretsOptions['env'], variable: string, local: boolean): SecretVersions | undefined {
  const present = settingOf(env, variable, local);
  const former = settingOf(env, `${variable}_PREVIOUS`, local);
  if (present === undefined) return undefined;
  return former === undefined ? [present] : [present, former];
}

function settingOf(env: SecretsOptions['env'], variable: string, local: boolean): string | undefined {
  const value = env[variable]?.trim();
  if (value === undefined || !isPlaceholder(value)) return value;
  if (local) return undefined;
  const fault = value === '' ? 'empty' : 'a placeholder';
  throw new SecretUnavailable(`${variable} is ${fault}: set it or remove it`);
}

function readKept(path: string): Kept {
  const text = readTextFile(path);
  if (text === undefined) return {};
  chmodSync(path, 0o600);
  try {
    return SecretsFile.parse(JSON.parse(text)).secrets;
  } catch {
    // Neither the text nor the parser's message: both would show secrets.
    throw new SecretUnavailable(`the secrets file ${path} is damaged; it is left as it is`);
  }
}
