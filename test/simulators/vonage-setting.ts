import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawReply, RawRequest } from '../../functions/carriers/inbound-port.ts';
import { vonageSimulator } from '../../local/carriers/vonage/simulator.ts';
import { startSimulators } from '../../local/simulator.ts';
import { testClock } from '../contracts/carrier-start.ts';

export const CREDENTIALS = {
  VONAGE_API_KEY: 'abcd1234',
  VONAGE_API_SECRET: 'sEcret-of-the-api',
  VONAGE_APPLICATION_ID: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab',
  VONAGE_SIGNATURE_SECRET: 'a-signature-secret-of-32-bytes-ok',
};

type Answering = (request: RawRequest) => RawReply;

/** A gateway of one function, on loopback: keeps what it was sent. */
async function startGateway(answering: Answering) {
  const received: RawRequest[] = [];
  const behaviour = { answering };
  const server = createServer(async (incoming, outgoing) => {
    const parts: Uint8Array[] = [];
    for await (const part of incoming) parts.push(part as Uint8Array);
    const path = incoming.url ?? '/';
    const request: RawRequest = {
      method: incoming.method ?? 'GET',
      path,
      query: path.split('?')[1] ?? '',
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(parts),
    };
    received.push(request);
    const reply = behaviour.answering(request);
    outgoing.writeHead(reply.status, reply.headers).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => new Promise((resolve) => server.close(resolve));
  return { url, received, behaviour, close };
}

/** The simulator with a gateway behind it. French numbers want papers. */
export async function startVonage(answering: Answering) {
  const dataDir = mkdtempSync(join(tmpdir(), 'vonage-'));
  const clock = testClock();
  const gateway = await startGateway(answering);
  const simulators = await startSimulators({
    dataDir,
    port: 0,
    clock,
    gatewayUrl: gateway.url,
    carriers: [vonageSimulator()],
    credentials: CREDENTIALS,
  });
  const world = simulators.worlds.get('vonage')?.world;
  if (world === undefined) throw new Error('the simulator did not start');
  const control = async (path: string, body: unknown): Promise<unknown> => {
    const answer = await fetch(`${simulators.url}/_control/vonage/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return answer.json();
  };
  return {
    ...{ world, clock, gateway, control, url: `${simulators.url}/vonage` },
    /** Lets queued webhooks go out. */
    async settle(count: number) {
      for (let n = 0; n < 100 && gateway.received.length < count; n++) {
        clock.advance(1);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async close() {
      await simulators.close();
      await gateway.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
