import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';

const Kept = z.object({ accessToken: z.string(), expiresAt: z.string() });
const Place = z.object({
  /** Who is signed in when nobody is named. */
  current: z.string().optional(),
  /** For whom that person acts, when staff. */
  tenant: z.string().optional(),
  tokens: z.record(z.string(), Kept),
});
const File = z.record(z.string(), Place);
export type KeptToken = z.infer<typeof Kept>;

/** Tokens of earlier sign-ins, by gateway and e-mail, in one file only its owner can read. */
export interface TokenCache {
  find(url: string, email: string, now: Date): string | undefined;
  current(url: string): { readonly email?: string; readonly tenant?: string };
  keep(url: string, email: string, token: KeptToken): void;
  makeCurrent(url: string, email: string | undefined, tenant?: string): void;
}

/** A token with less than this left is not used any more. */
const SPARE_MS = 30_000;

export function tokenCache(path: string): TokenCache {
  const read = (): z.infer<typeof File> => {
    try {
      return File.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch {
      // Missing or damaged: signing in again is all it costs.
      return {};
    }
  };
  const change = (url: string, next: (place: z.infer<typeof Place>) => z.infer<typeof Place>) => {
    const file = read();
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ ...file, [url]: next(file[url] ?? { tokens: {} }) }, null, 2);
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, `${text}\n`, { mode: 0o600 });
    renameSync(draft, path);
  };
  return {
    find(url, email, now) {
      const token = read()[url]?.tokens[email.toLowerCase()];
      const isFresh = token !== undefined && Date.parse(token.expiresAt) - now.getTime() > SPARE_MS;
      return isFresh ? token.accessToken : undefined;
    },
    current(url) {
      const { current, tenant } = read()[url] ?? {};
      return { ...(current ? { email: current } : {}), ...(tenant ? { tenant } : {}) };
    },
    keep: (url, email, token) =>
      change(url, (place) => ({ ...place, tokens: { ...place.tokens, [email.toLowerCase()]: token } })),
    makeCurrent: (url, email, tenant) =>
      change(url, ({ tokens }) => ({
        tokens: email === undefined ? {} : tokens,
        ...(email === undefined ? {} : { current: email }),
        ...(tenant === undefined ? {} : { tenant }),
      })),
  };
}

/** Where the file lies: under DATA_DIR when that is set, else where this system keeps settings of programs. */
export function cachePath(env: Readonly<Record<string, string | undefined>>, platform: string): string {
  const given = env['DATA_DIR'];
  if (given) return join(given, 'cli.json');
  const home = env['HOME'] ?? homedir();
  const base =
    env['XDG_CONFIG_HOME'] ??
    (platform === 'win32' ? env['APPDATA'] : undefined) ??
    (platform === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, '.config'));
  return join(base, 'numbergate', 'cli.json');
}
