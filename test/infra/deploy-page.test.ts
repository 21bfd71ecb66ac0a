import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openShell, pageBlocks } from '../../scripts/test-aws/deploy-page.ts';
import { cleanEnv } from '../../scripts/test-aws/processes.ts';

/** The page's own helper, without the call that follows it. */
const helper = /^secret\(\) \{[\s\S]*?^\}$/m.exec(
  pageBlocks().find(({ section }) => section === '4. Carriers')?.code ?? '',
);

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Calls `secret` with a CLI that answers a reading so, and gives what was written. */
function secret(reading: string, fields: string) {
  const folder = place();
  const stub = `#!/usr/bin/env bash
case "$2" in
get-secret-value) ${reading} ;;
put-secret-value) echo "\${@: -1}" > ${folder}/written ;;
esac
`;
  writeFileSync(join(folder, 'aws'), stub, { mode: 0o755 });
  const code = `set -eo pipefail\noutput() { echo numbergate/dev; }\n${helper?.[0]}\nsecret webhooks '${fields}'\n`;
  const env = cleanEnv();
  const { status, stderr } = spawnSync('bash', ['--norc', '--noprofile', '-c', code], {
    encoding: 'utf8',
    env: { ...env, PATH: `${folder}:${env['PATH']}`, TMPDIR: folder },
  });
  const file = join(folder, 'written');
  return { status, stderr, written: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined };
}

describe('the helper for secrets in docs/deploy.md', () => {
  it('X8: changes the fields it is given and keeps the others, whatever the CLI says beside its answer', () => {
    const { status, written } = secret(
      `echo 'Warning: something is old' >&2; echo '{"inbound/step-key":"ours","carriers/twilio/auth-token":"old"}'`,
      '{"carriers/twilio/auth-token":["new","old"]}',
    );

    expect([status, written]).toEqual([
      0,
      { 'inbound/step-key': 'ours', 'carriers/twilio/auth-token': ['new', 'old'] },
    ]);
  });
  it('fills one that was never filled', () => {
    const missing = `echo 'An error occurred (ResourceNotFoundException): no AWSCURRENT' >&2; exit 254`;

    expect(secret(missing, '{"a":"b"}')).toMatchObject({ status: 0, written: { a: 'b' } });
  });
  it('writes nothing when it could not read, and says why', () => {
    const { status, stderr, written } = secret(
      `echo 'An error occurred (ThrottlingException)' >&2; exit 254`,
      '{"a":"b"}',
    );

    expect([status === 0, stderr.includes('ThrottlingException'), written]).toEqual([false, true, undefined]);
  });
  it.each([
    ['what is there', `echo 'no object'`, '{"a":"b"}'],
    ['what is to be set', `echo '{"a":"b"}'`, '{"a":"b"'],
  ])('writes nothing when %s is no JSON', (_, reading, fields) => {
    const { status, written } = secret(reading, fields);

    expect([status === 0, written]).toEqual([false, undefined]);
  });
});

describe('the shell that runs the page', () => {
  const open = () => {
    const home = join(place(), 'checkout');
    mkdirSync(home);
    const shell = openShell(home, cleanEnv());
    onTestFinished(() => shell.close());
    return { home, shell };
  };
  const SECTION = 'Rotate';

  it('tells which block failed and what it said last', async () => {
    const { shell } = open();
    await shell.run({ section: SECTION, code: 'before=1' });

    const failed = shell.run({
      section: SECTION,
      code: 'test "$before" = 1; echo why it failed >&2; false; echo after',
    });

    await expect(failed).rejects.toMatchObject({
      message: 'a command in block 2 of docs/deploy.md (Rotate) ended with 1',
      said: expect.stringMatching(/why it failed\n$/),
    });
  });
  it('tells it also when somebody has removed its folder, and that', async () => {
    const { home, shell } = open();
    await shell.run({ section: SECTION, code: 'true' });

    const failed = shell.run({ section: SECTION, code: `rm -r ${home}; cat outputs.json` });

    await expect(failed).rejects.toMatchObject({
      message: expect.stringContaining(`somebody removed ${home}, where it ran`),
      said: expect.stringContaining('outputs.json: No such file'),
    });
  });
});
