import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Aws } from './aws.ts';
import { STACK } from './deploy.ts';

const FUNCTIONS = ['api', 'carriers', 'requests', 'inbound', 'jobs'];
const TOLD = 5;

export interface Logged {
  /** The last lines of errors of each function. */
  readonly errors: readonly string[];
  /** Functions whose logs hold a secret (I14), with its name: there may be none. */
  readonly leaks: readonly string[];
}

/**
 * Reads what the functions logged, and keeps it in the run's folder, one file each.
 * @param secrets values that no log may hold, by their names
 */
export async function readFunctionLogs(
  aws: Aws,
  folder: string,
  secrets: Readonly<Record<string, string>>,
): Promise<Logged> {
  const errors: string[] = [];
  const leaks: string[] = [];
  for (const name of FUNCTIONS) {
    const lines = await linesOf(aws, `/aws/lambda/${STACK}-${name}`);
    const text = lines.join('\n');
    writeFileSync(join(folder, `${name}.log`), text);
    const bad = lines.filter((line) => line.includes('"level":"error"')).slice(-TOLD);
    errors.push(...bad.map((line) => `${name}: ${line}`));
    for (const [secret, value] of Object.entries(secrets)) if (text.includes(value)) leaks.push(`${name}: ${secret}`);
  }
  return { errors, leaks };
}

async function linesOf(aws: Aws, logGroupName: string): Promise<readonly string[]> {
  const found: string[] = [];
  let nextToken: unknown;
  do {
    const page = await aws.call('logs', 'FilterLogEvents', { logGroupName, ...(nextToken ? { nextToken } : {}) });
    const events = page['events'] as readonly { readonly message: string }[];
    found.push(...events.map(({ message }) => message.trim()));
    nextToken = page['nextToken'];
  } while (nextToken);
  return found;
}
