import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SecretUnavailable } from '../../functions/platform/secrets.ts';
import { openSecrets, randomSecret, type SecretsOptions, variableOf } from '../../local/engine/secrets.ts';
import { secretsContract } from '../contracts/secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = () => join(folder, `${++files}.json`);
const opened = (options: Partial<SecretsOptions> = {}) =>
  openSecrets({ env: {}, path: newPath(), local: true, rules: [], ...options });
const session = { name: 'session/key', generate: randomSecret };

describe('local secrets', () => {
  secretsContract(async (held) => {
    const env = Object.entries(held).flatMap(([name, [newest, former]]) => [
      [variableOf(name), newest] as const,
      [`${variableOf(name)}_PREVIOUS`, former] as const,
    ]);
    return opened({ env: Object.fromEntries(env) });
  });

  it('makes what is missing on first start and keeps it, for its owner only', async () => {
    const path = newPath();
    const [first] = await opened({ path, rules: [session] }).read('session/key');
    expect(first).toMatch(/^[\w-]{43}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    opened({ path, rules: [session] });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = opened({ path, rules: [session, { name: 'cursor/key', generate: randomSecret }] });
    expect(await again.read('session/key')).toEqual([first]);
    expect(await again.read('cursor/key')).not.toEqual([first]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
  it('prefers the environment, under its own variable where it has one', async () => {
    const rules = [{ ...session, variable: 'MY_KEY' }];
    const secrets = opened({ env: { MY_KEY: ' given ', SESSION_KEY: 'other' }, rules });
    expect(await secrets.read('session/key')).toEqual(['given']);
    expect(variableOf('carriers/voip-ms/api-password')).toBe('VOIP_MS_API_PASSWORD');
  });
  it('X8: rotates; the former version stays valid until the next rotation, over a restart', async () => {
    const path = newPath();
    const secrets = opened({ path, rules: [session] });
    const [first] = await secrets.read('session/key');
    secrets.rotate('session/key');
    const [second, former] = await secrets.read('session/key');
    expect(former).toBe(first);
    secrets.rotate('session/key');
    expect(await opened({ path, rules: [session] }).read('session/key')).toEqual([expect.anything(), second]);
    expect(() => secrets.rotate('carriers/telnyx/api-key')).toThrow(SecretUnavailable);
  });
  it.each(['', '  ', 'changeme', 'CHANGE_ME', 'xxx', 'XXXXXX', '<your token>', 'your-api-key', 'todo'])(
    'refuses the placeholder %j outside local mode; in local mode it counts as not set',
    async (value) => {
      const rules = [{ name: 'carriers/telnyx/api-key' }];
      const env = { TELNYX_API_KEY: value };
      expect(() => opened({ env, rules, local: false })).toThrow(SecretUnavailable);
      expect(await opened({ env, rules }).find('carriers/telnyx/api-key')).toBeUndefined();
    },
  );
  it('refuses a placeholder as former version too, and ignores one without a present version', async () => {
    const rules = [{ name: 'a' }];
    expect(() => opened({ env: { A: 'good', A_PREVIOUS: 'changeme' }, rules, local: false })).toThrow(/A_PREVIOUS/);
    expect(await opened({ env: { A_PREVIOUS: 'good' }, rules }).find('a')).toBeUndefined();
  });
  it('leaves a damaged file as it is and shows none of it', () => {
    const path = newPath();
    writeFileSync(path, '{"secrets":{"session/key":["sesame"');
    const opening = () => opened({ path, rules: [session] });
    expect(opening).toThrow(/damaged/);
    expect(opening).not.toThrow(/sesame/);
    expect(readFileSync(path, 'utf8')).toContain('sesame');
  });
});
