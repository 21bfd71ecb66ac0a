import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Twilio from 'twilio/lib/rest/Twilio.js';
import type { RawRequest } from '../../functions/carriers/inbound-port.ts';
import { twilioSimulator } from '../../local/carriers/twilio/simulator.ts';
import { startSimulators } from '../../local/simulator.ts';
import { testClock } from '../contracts/carrier-start.ts';
import { ACCOUNT, TOKEN } from '../inbound/twilio-post.ts';
import { type SpecExchange, twilioSpecs } from './twilio-spec.ts';

export const CREDENTIALS = { TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_AUTH_TOKEN: TOKEN };

/** What the gateway says to a webhook in these tests. */
export type Answerer = (request: RawRequest) => {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const specs = twilioSpecs();

/** The simulated Twilio, a gateway that answers what it is told, and the vendor's whole client against them. */
export async function startTwilio(answer: Answerer) {
  const dataDir = mkdtempSync(join(tmpdir(), 'twilio-'));
  const received: RawRequest[] = [];
  const gateway = createServer(async (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const path = incoming.url ?? '/';
    const request = {
      method: incoming.method ?? '',
      path,
      query: path.split('?')[1] ?? '',
      headers,
      body: Buffer.concat(chunks),
    };
    received.push(request);
    const reply = answer(request);
    outgoing.writeHead(reply.status, reply.headers).end(reply.body);
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const gatewayUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const clock = testClock();
  const simulators = await startSimulators({
    dataDir,
    port: 0,
    clock,
    gatewayUrl,
    carriers: [twilioSimulator()],
    credentials: CREDENTIALS,
  });
  const problems: string[] = [];
  const url = `${simulators.url}/twilio`;
  return {
    ...{ url, clock, received, specs, problems, simulators },
    client: (sid = ACCOUNT, token = TOKEN) =>
      vendorClient(url, sid, token, (exchange) => problems.push(...specs.problems(exchange))),
    control: async (
      path: string,
      body?: unknown,
      method = body === undefined ? 'GET' : 'POST',
    ): Promise<Record<string, unknown>> => {
      const init =
        body === undefined
          ? { method }
          : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      return (await (await fetch(`${simulators.url}/_control/${path}`, init)).json()) as Record<string, unknown>;
    },
    async close() {
      await simulators.close();
      gateway.closeAllConnections();
      await new Promise((resolve) => gateway.close(resolve));
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

type TwilioOptions = NonNullable<ConstructorParameters<typeof Twilio>[2]>;

/** The vendor's client as it is, its four hosts led to the simulator; every exchange is checked against its description. */
function vendorClient(root: string, sid: string, token: string, check: (exchange: SpecExchange) => void): Twilio {
  const httpClient = {
    async request(options: Record<string, unknown>) {
      const { method, uri, params, data, username, password } = options as Record<string, string>;
      const target = new URL(String(uri).replace(/^https:\/\/[a-z-]+\.twilio\.com/, root));
      for (const [name, value] of Object.entries((params ?? {}) as object))
        target.searchParams.append(name, String(value));
      const form =
        data === undefined ? undefined : new URLSearchParams(data as unknown as Record<string, string>).toString();
      const answer = await fetch(target, {
        method: String(method).toUpperCase(),
        headers: {
          authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form === undefined ? {} : { body: form }),
      });
      const body = await answer.text();
      const path = target.href.slice(root.length);
      check({
        method: String(method).toUpperCase(),
        path,
        ...(form === undefined ? {} : { form }),
        status: answer.status,
        answer: body,
      });
      return { statusCode: answer.status, body, headers: Object.fromEntries(answer.headers) };
    },
  };
  return new Twilio(sid, token, { httpClient } as unknown as TwilioOptions);
}
