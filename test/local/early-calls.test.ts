import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type GatewayOptions, startGateway } from '../../local/gateway.ts';
import { readSettings } from '../../local/settings.ts';

type Answer = number | 'refused' | 'unanswered';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

async function call(url: string, method: string): Promise<Answer> {
  try {
    return (await fetch(url, { method, signal: AbortSignal.timeout(5000) })).status;
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'unanswered' : 'refused';
  }
}

it('who calls while the gateway is still starting is answered as soon as it stands', async () => {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), 'numbergate-early-'));
  const env = { PORT: String(port), SIMULATORS_PORT: '0', DATA_DIR: dataDir };
  let early: readonly Promise<Answer>[] = [];
  // The first write to a slow disk: the address is open by then, nothing stands behind it.
  const aroundTable: GatewayOptions['aroundTable'] = (table) => ({
    ...table,
    async write(writes) {
      if (early.length === 0) {
        const at = (path: string) => `http://127.0.0.1:${port}${path}`;
        early = [call(at('/health'), 'GET'), call(at('/inbound/twilio/voice'), 'POST')];
        await sleep(300);
      }
      return table.write(writes);
    },
  });
  const logStream = { write: () => undefined };
  const gateway = await startGateway({ settings: readSettings(env), env, logStream, aroundTable });
  onTestFinished(async () => {
    await gateway.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  expect(await Promise.all(early)).toEqual([200, 403]);
}, 20_000);
