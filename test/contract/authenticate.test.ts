import { describe, expect, it } from 'vitest';
import { NotSignedIn } from '../../functions/domain/errors.ts';
import { mintApiKey, readApiKey } from '../../functions/platform/auth-api-key.ts';
import { type AuthenticateOptions, newAuthenticate } from '../../functions/platform/authenticate.ts';
import { newQuota } from '../../functions/platform/rate-limit.ts';
import { testClock } from '../../local/engine/clock.ts';
import { ACME, PEOPLE } from './sample.ts';

function start(more: Partial<AuthenticateOptions> = {}) {
  const clock = testClock();
  const asked: string[] = [];
  const options: AuthenticateOptions = {
    clock,
    verifyToken: async (bearer) => ({ issuer: 'i', subject: bearer }),
    findPrincipal: async (_issuer, subject) => {
      asked.push(subject);
      return PEOPLE[subject];
    },
    findKey: async () => undefined,
    ...more,
  };
  return { clock, asked, authenticate: newAuthenticate(options) };
}

describe('the authenticator', () => {
  it('keeps a principal for 60 s at most, so that a change of role takes effect', async () => {
    const { clock, asked, authenticate } = start();
    await authenticate('admin');
    clock.advance(59);
    await authenticate('admin');
    expect(asked).toEqual(['admin']);
    clock.advance(1);
    await authenticate('admin');
    expect(asked).toEqual(['admin', 'admin']);
  });

  it('does not remember that somebody was unknown', async () => {
    const { asked, authenticate } = start();

    await expect(authenticate('new')).rejects.toThrow(NotSignedIn);
    await expect(authenticate('new')).rejects.toThrow(NotSignedIn);
    expect(asked).toHaveLength(2);
  });

  it('verifies the token every time, remembered or not', async () => {
    let valid = true;
    const { authenticate } = start({
      verifyToken: async (subject) => {
        if (!valid) throw new NotSignedIn({ code: 'token_expired', detail: 'expired' });
        return { issuer: 'i', subject };
      },
    });
    await authenticate('admin');
    valid = false;

    await expect(authenticate('admin')).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('an outage behind the lookup is not the caller’s fault', async () => {
    const { authenticate } = start({ findPrincipal: () => Promise.reject(new Error('down')) });

    await expect(authenticate('admin')).rejects.not.toBeInstanceOf(NotSignedIn);
  });

  it('tells of a key’s use at most hourly, and a failure there refuses nobody', async () => {
    const used: string[] = [];
    const failures: string[] = [];
    const minted = mintApiKey('test', new Date('2026-01-15T09:00:00Z'));
    const admin = PEOPLE['admin'];
    if (!admin) throw new Error('no admin');
    const principal = { ...admin, kind: 'api_key' as const, tenantId: ACME };
    const { clock, authenticate } = start({
      findKey: async (id) =>
        id === minted.keyId ? { secretHash: minted.secretHash, mode: 'test', principal } : undefined,
      keyUsed: (id) => {
        used.push(id);
        return Promise.reject(new Error('down'));
      },
      failed: (what) => failures.push(what),
    });
    for (let n = 0; n < 3; n++) await authenticate(minted.text);
    clock.advance(3600);
    await authenticate(minted.text);

    expect([used.length, failures]).toEqual([2, ['key_use_not_noted', 'key_use_not_noted']]);
  });
});

describe('API key text', () => {
  it('carries its id and 256 random bits, and reads back', () => {
    const { keyId, text, secretHash } = mintApiKey('live', new Date('2026-01-15T09:00:00Z'));

    expect(readApiKey(text)).toMatchObject({ mode: 'live', keyId });
    expect(text).toMatch(/^gw_live_[0-9a-z]{26}_[\w-]{43}$/);
    expect(secretHash).toMatch(/^[0-9a-f]{64}$/);
    expect(text).not.toContain(secretHash);
  });
});

describe('quota memory', () => {
  it('is bounded: strangers without end do not fill it', () => {
    let now = 0;
    const quota = newQuota(2, () => now);
    quota('kept');
    for (let n = 0; n < 30_000; n++) quota(`stranger ${n}`);
    expect(quota('stranger 29999').remaining).toBe(0);
    expect(quota('kept').remaining).toBe(1);
    now = 60_000;
    expect(quota('stranger 29999').remaining).toBe(1);
  });
});
