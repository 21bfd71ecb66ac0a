import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RawRequest } from '../../../functions/carriers/inbound-port.ts';
import { type AwsServer, serveAws } from './aws-server.ts';
import { functionEnv, toEvent } from './function-env.ts';
import type { Spent } from './wire-table.ts';

/** What one webhook took, on average over many. */
export interface WebhookCount {
  /** CPU of the warm function, milliseconds. */
  readonly cpuMs: number;
  /** Requests to the table. */
  readonly requests: number;
  readonly table: Spent;
  /** Bytes the function wrote to its log. */
  readonly logBytes: number;
  readonly logLines: number;
}

const run = promisify(execFile);

/** Counts what the deployed bundle does for each kind of webhook, one kind after the other in one table. */
export async function countWebhooks(
  bundle: string,
  kinds: Readonly<Record<string, readonly RawRequest[]>>,
): Promise<Readonly<Record<string, WebhookCount>>> {
  const folder = mkdtempSync(join(tmpdir(), 'numbergate-webhooks-'));
  const aws = await serveAws();
  try {
    const counts: [string, WebhookCount][] = [];
    for (const [kind, webhooks] of Object.entries(kinds))
      counts.push([kind, await countKind({ bundle, folder, aws }, webhooks)]);
    return Object.fromEntries(counts);
  } finally {
    aws.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly bundle: string;
  readonly folder: string;
  readonly aws: AwsServer;
}

async function countKind({ bundle, folder, aws }: Place, webhooks: readonly RawRequest[]): Promise<WebhookCount> {
  const [events, result] = [join(folder, 'events.json'), join(folder, 'result.json')];
  writeFileSync(events, JSON.stringify(webhooks.map(toEvent)));
  aws.table.take();
  const before = tableRequests(aws);
  const runner = fileURLToPath(new URL('./webhook-runner.ts', import.meta.url));
  const { stdout } = await run(process.execPath, [runner, bundle, events, result], {
    env: functionEnv(aws.port),
    maxBuffer: 64 * 2 ** 20,
  });
  const { cpu, statuses } = JSON.parse(readFileSync(result, 'utf8')) as { cpu: number; statuses: object };
  const [status, ...others] = Object.keys(statuses);
  if (!status?.startsWith('2') || others.length > 0) throw new Error(`answered ${JSON.stringify(statuses)}`);
  const times = webhooks.length;
  const { reads, writes, writesOf } = aws.table.take();
  return {
    cpuMs: cpu / 1000,
    requests: (tableRequests(aws) - before) / times,
    table: { reads: reads / times, writes: writes / times, writesOf },
    logBytes: Buffer.byteLength(stdout) / times,
    logLines: (stdout.match(/\n/g)?.length ?? 0) / times,
  };
}

const tableRequests = ({ requests }: AwsServer): number =>
  [...requests].reduce((sum, [operation, count]) => sum + (operation === 'GetSecretValue' ? 0 : count), 0);
