import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type House, openHouse } from './house.ts';

/** A webhook exactly as the carrier sent it. */
export interface Webhook {
  readonly carrier: string;
  readonly kind: string;
  readonly method: string;
  /** Path and query, untouched. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}
export interface Tapped {
  readonly house: House;
  /** Everything the simulated carriers have sent so far. */
  readonly webhooks: Webhook[];
  /** Sends a webhook again, as it was or changed. */
  send(webhook: Webhook, change?: Partial<Webhook>): Promise<Answer>;
  close(): Promise<void>;
}

/** A house whose public address is a tap on the wire between carriers and gateway. */
export async function openTapped(): Promise<Tapped> {
  const webhooks: Webhook[] = [];
  let gateway = '';
  const tap = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const webhook = webhookOf(incoming, Buffer.concat(parts));
      webhooks.push(webhook);
      void forward(gateway, webhook).then(({ status, headers, body }) => {
        outgoing.writeHead(status, headers as Record<string, string>);
        outgoing.end(body);
      });
    });
  });
  await new Promise<void>((ready) => tap.listen(0, '127.0.0.1', () => ready()));
  const house = await openHouse({ PUBLIC_URL: `http://127.0.0.1:${(tap.address() as AddressInfo).port}` });
  gateway = house.url;
  return {
    house,
    webhooks,
    send: (webhook, change = {}) => forward(house.url, { ...webhook, ...change }),
    async close() {
      await house.close();
      tap.closeAllConnections();
      await new Promise((closed) => tap.close(closed));
    },
  };
}

function webhookOf(incoming: IncomingMessage, body: Buffer): Webhook {
  const target = incoming.url ?? '';
  const [, , carrier = '', kind = ''] = target.split('?', 1)[0]?.split('/') ?? [];
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  return { carrier, kind, method: incoming.method ?? '', target, headers, body };
}

function forward(to: string, { method, target, headers, body }: Webhook): Promise<Answer> {
  const { hostname, port } = new URL(to);
  const { 'content-length': _l, 'transfer-encoding': _t, connection: _c, ...rest } = headers;
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(body.length) };
    const sent = request({ hostname, port, method, path: target, headers: { ...rest, ...length } }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
