import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnv, run } from './processes.ts';

const REQUIREMENTS = 'test/aws/emulator/requirements.txt';
const CACHE = 'node_modules/.cache/numbergate-emulator';
const VERSION = /^3\.(1[0-9]|[2-9][0-9])\b/;

/** A Python 3.10 or later that can make virtual environments. */
export function findPython(): string | undefined {
  const check = 'import sys, venv, ensurepip; print(sys.version)';
  return ['python3', 'python'].find((name) => {
    const { status, stdout } = spawnSync(name, ['-c', check], { encoding: 'utf8' });
    return status === 0 && VERSION.test(stdout);
  });
}

/** Path of the Python of our virtual environment, made on first use and whenever a version in it changes. */
export async function emulatorPython(python: string): Promise<string> {
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const home = join(CACHE, wanted);
  const own = join(process.cwd(), home, 'bin/python');
  const ready = join(home, 'ready');
  if (existsSync(ready)) return own;
  rmSync(CACHE, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  const env = cleanEnv();
  for (const name of ['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_CONFIG_FILE', 'PIP_CERT', 'HTTPS_PROXY'])
    if (process.env[name]) env[name] = process.env[name];
  const log = join(CACHE, 'install.log');
  await run({ command: python, words: ['-m', 'venv', home], env, log });
  const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-deps', '-r', REQUIREMENTS];
  await run({ command: own, words: install, env, log });
  writeFileSync(ready, '');
  return own;
}
