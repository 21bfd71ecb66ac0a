import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse, request as send } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { RawRequest } from '../../functions/carriers/inbound-port.ts';
import type { Inbound } from '../../functions/inbound/app.ts';
import { holdMusic } from '../../functions/inbound/hold-music.ts';
import { inboundListener, isInbound } from '../../functions/inbound/on-node.ts';
import { CALLER, entry, house, NUMBER, route } from './house.ts';
import { CARRIERS, incoming } from './signed.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(closeAll);

async function serve(inbound: Inbound): Promise<number> {
  const server = createServer(inboundListener(inbound));
  closing.push(() => new Promise<void>((done) => server.close(() => done())));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return (server.address() as AddressInfo).port;
}
/** Ends the servers; what they had begun is over then. */
async function closeAll(): Promise<void> {
  await Promise.all(closing.splice(0).map((close) => close()));
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}
function post(port: number, { method, path, headers, body }: Omit<RawRequest, 'query'>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = send({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          type: answer.headers['content-type'],
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('inbound on Node’s server', () => {
  it.each(CARRIERS)('answers a signed call of %s', async (carrier) => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier }));
    const port = await serve(inbound);

    const answer = await post(port, incoming(carrier, { id: 'x', from: CALLER, to: NUMBER }, clock.now()));

    expect(answer).toMatchObject({ status: 200, type: expect.stringMatching(carrier === 'vonage' ? 'json' : 'xml') });
    expect(answer.body).toContain('sip:100@pbx.example.com');
  });

  it('hands over target, query and bytes exactly as they came', async () => {
    const seen: RawRequest[] = [];
    const port = await serve(async (request) => {
      seen.push(request);
      return { status: 204, headers: {}, body: '' };
    });
    const body = new Uint8Array([0xff, 0x00, 0xc3, 0x28, 0x0d, 0x0a]);
    const path = "/inbound/twilio/voice?a='%2B&b=%7e~";

    const answer = await post(port, { method: 'POST', path, headers: { 'X-Some-Header': 'Value' }, body });

    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(seen[0]).toMatchObject({ method: 'POST', path, query: "a='%2B&b=%7e~" });
    expect(seen[0]?.headers['x-some-header']).toBe('Value');
    expect(new Uint8Array(seen[0]?.body ?? [])).toEqual(body);
  });

  it('hands out the tune of the queue as bytes', async () => {
    const port = await serve(house().inbound);

    const answer = await fetch(`http://127.0.0.1:${port}/fallback/hold-music.mp3`);

    expect(answer.headers.get('content-length')).toBe('13824');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(holdMusic().body, 'base64'));
  });

  it('stops taking a body over 256 KiB', async () => {
    let calls = 0;
    const port = await serve(async () => {
      calls++;
      return { status: 200, headers: {}, body: '' };
    });
    const body = new Uint8Array(300 * 1024);

    const answer = await post(port, { method: 'POST', path: '/inbound/twilio/voice', headers: {}, body });
    await closeAll();

    expect(answer.status).toBe(413);
    expect(calls).toBe(0);
  });

  it('does not look into a body over 256 KiB that came as a whole', async () => {
    let calls = 0;
    const incoming = new IncomingMessage(new Socket());
    const outgoing = new ServerResponse(incoming);
    inboundListener(async () => {
      calls++;
      return { status: 200, headers: {}, body: '' };
    })(incoming, outgoing);

    incoming.push(Buffer.alloc(300 * 1024));
    incoming.push(null);
    await once(incoming, 'end');

    expect(outgoing.statusCode).toBe(413);
    expect(calls).toBe(0);
  });

  it('knows which targets are its own', () => {
    expect(['/inbound/x', '/fallback/x', '/v1/x', '/', undefined].map(isInbound)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
