import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { carrierClient, type Observed } from '../../functions/carriers/client.ts';
import { refusalOfStatus } from '../../functions/carriers/errors.ts';
import type { Timing } from '../../functions/carriers/exchange.ts';
import type { Call, Refusal } from '../../functions/carriers/outcome.ts';
import { NumberUnavailable } from '../../functions/domain/errors.ts';
import { fetchHttp } from '../../functions/platform/fetch-http.ts';
import { AnswerLost, type Http, type HttpAnswer, type HttpRequest, NotSent } from '../../functions/platform/http.ts';
import { pooledHttp } from '../../functions/platform/pooled-http.ts';

const Shape = z.object({ ok: z.literal(true) });
const get: HttpRequest = {
  method: 'GET',
  url: 'https://carrier.example/things',
  headers: { authorization: 'Bearer s3cret-s3cret' },
};
const post: HttpRequest = { ...get, method: 'POST', body: '{"number":"+441223555010","api_secret":"s3cret-s3cret"}' };
const call = (timeoutMs = 1_000, signal = new AbortController().signal): Call => ({ signal, timeoutMs });
const answer = (status: number, text = '{"ok":true}', headers: Record<string, string> = {}): HttpAnswer => ({
  ...{ status, headers, body: new TextEncoder().encode(text) },
});

/** A clock that waiting moves. */
function fakeTiming(): Timing & { waited: number[]; at: { ms: number } } {
  const at = { ms: 0 };
  const waited: number[] = [];
  return {
    ...{ at, waited, monotonicMs: () => at.ms, epochMs: () => Date.parse('2026-11-20T10:00:00Z'), random: () => 0.5 },
    async wait(ms) {
      waited.push(ms);
      at.ms += ms;
    },
  };
}

/** A client whose line plays a script: answers, or what the transport throws. The last entry repeats. */
function scripted(script: readonly (HttpAnswer | Error)[], refusal?: (text: string) => Refusal | undefined) {
  const sent: HttpRequest[] = [];
  const seen: Observed[] = [];
  const timing = fakeTiming();
  const http: Http = async (request) => {
    const next = script[Math.min(sent.length, script.length - 1)];
    sent.push(request);
    timing.at.ms += 10;
    if (next === undefined || next instanceof Error) throw next;
    return next;
  };
  const options = { id: 'wavix', concurrency: 2, timing, secrets: ['s3cret-s3cret'] } as const;
  const table = ({ text }: { text: string }) => refusal?.(text);
  const client = carrierClient({ ...options, refusal: table }, http, (exchange) => void seen.push(exchange));
  return { client, sent, seen, timing };
}

describe('reads', () => {
  it('give the parsed value', async () => {
    expect(await scripted([answer(200)]).client.read(call(), 'search', get, Shape)).toEqual({ ok: true });
  });

  it.each([
    ['lost answer', new AnswerLost('connection_lost')],
    ['not sent', new NotSent('refused')],
    ['429', answer(429)],
    ['502', answer(502, '<html>')],
  ])('4.2: are repeated twice at most with full jitter after %s', async (_, fault) => {
    const once = scripted([fault, answer(200)]);
    const lasting = scripted([fault]);

    expect(await once.client.read(call(), 'search', get, Shape)).toEqual({ ok: true });
    expect(once.timing.waited).toEqual([100]);
    await expect(lasting.client.read(call(), 'search', get, Shape)).rejects.toMatchObject({ name: 'CarrierBusy' });
    expect(lasting.timing.waited).toEqual([100, 200]);
    expect(lasting.sent.length).toBe(3);
  });

  it.each([
    ['seconds', { 'retry-after': '2' }, [2100, 2200], 2],
    [
      "a date, against the answer's own Date",
      { 'retry-after': 'Fri, 20 Nov 2026 09:00:03 GMT', date: 'Fri, 20 Nov 2026 09:00:00 GMT' },
      [3100],
      3,
    ],
    ['a date without Date', { 'retry-after': 'Fri, 20 Nov 2026 10:00:03 GMT' }, [3100], 3],
    ['a date in the past', { 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT' }, [100, 200], 0],
    ['nothing', {}, [100, 200], undefined],
    ['0', { 'retry-after': '0' }, [100, 200], 0],
    ['garbage', { 'retry-after': 'soon-ish' }, [100, 200], undefined],
    ['a negative number', { 'retry-after': '-5' }, [100, 200], undefined],
    ['a year, more than the call may take', { 'retry-after': '31536000' }, [], 60],
  ])('S2: honour Retry-After as %s', async (_, headers, waited, seconds) => {
    const { client, timing } = scripted([answer(429, '{}', headers)]);

    await expect(client.read(call(5_000), 'search', get, Shape)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: seconds,
    });
    expect(timing.waited).toEqual(waited);
  });

  it('S2: a wait is at most 60 s, even when the call would allow more', async () => {
    const { client, timing } = scripted([answer(429, '{}', { 'retry-after': '31536000' }), answer(200)]);

    await client.read(call(120_000), 'search', get, Shape);
    expect(timing.waited).toEqual([60_100]);
  });

  it('S2: repeats are a tenth of the calls at most, so a failing carrier is not stormed', async () => {
    const { client, sent } = scripted([answer(429)]);
    for (let n = 0; n < 100; n++) await client.read(call(), 'search', get, Shape).catch(() => undefined);

    expect(sent.length).toBeLessThanOrEqual(100 + 20);
  });

  it.each([
    ['HTML', answer(200, '<html>')],
    ['cut JSON', answer(200, '{"ok":tr')],
    ['nothing', answer(200, '')],
    ['another shape', answer(200, '{"ok":false}')],
    ['a redirect', answer(302, '')],
  ])('S3: %s is CarrierUnusable malformed_reply, not repeated', async (_, given) => {
    const { client, sent } = scripted([given]);

    await expect(client.read(call(), 'search', get, Shape)).rejects.toMatchObject({
      name: 'CarrierUnusable',
      code: 'malformed_reply',
      status: 502,
    });
    expect(sent.length).toBe(1);
  });

  it('S3: an answer over the size limit is malformed_reply, not repeated', async () => {
    const { client, sent } = scripted([new AnswerLost('too_large')]);

    await expect(client.read(call(), 'search', get, Shape)).rejects.toMatchObject({ code: 'malformed_reply' });
    expect(sent.length).toBe(1);
  });

  it('S3: an error inside 200 is what the carrier says it is', async () => {
    const { client } = scripted([answer(200, '{"ok":true,"error":"dead"}')], (text) =>
      text.includes('dead') ? { class: 'CarrierUnusable', code: 'auth', carrierCode: 'dead' } : undefined,
    );

    await expect(client.read(call(), 'search', get, Shape)).rejects.toMatchObject({
      code: 'auth',
      carrier: { carrierCode: 'dead' },
    });
  });

  it.each([
    [401, 'CarrierUnusable', 'auth'],
    [404, 'CarrierRefused', 'other'],
    [429, 'CarrierBusy', 'rate_limited'],
    [503, 'CarrierBusy', 'carrier_down'],
  ])('a bare %i is %s %s', (status, name, code) => {
    expect(refusalOfStatus(status, 'x')).toMatchObject({ class: name, code });
  });
});

describe('writes', () => {
  it('4.2: are never repeated, whatever happens', async () => {
    for (const fault of [answer(429), answer(500), answer(200, 'x'), new AnswerLost('timeout')]) {
      const { client, sent } = scripted([fault]);
      await client.write(call(), 'purchase', post, Shape);
      expect(sent.length).toBe(1);
    }
  });

  it.each([
    ['5xx', answer(500), 'server_error'],
    ['502 HTML', answer(502, '<html>'), 'server_error'],
    ['408', answer(408), 'timeout'],
    ['a timeout', new AnswerLost('timeout'), 'timeout'],
    ['a lost connection', new AnswerLost('connection_lost'), 'connection_lost'],
    ['a body over the limit', new AnswerLost('too_large'), 'malformed_reply'],
    ['an unreadable 200', answer(200, '<html>'), 'malformed_reply'],
    ['an empty 200', answer(200, ''), 'malformed_reply'],
    ['a redirect', answer(307, ''), 'malformed_reply'],
  ])('P2: %s is unknown', async (_, fault, reason) => {
    expect(await scripted([fault]).client.write(call(), 'purchase', post, Shape)).toEqual({
      kind: 'unknown',
      reason,
      refs: {},
    });
  });

  it('a 4xx is refused, with the code of the carrier', async () => {
    const { client } = scripted([answer(409, '{"code":"gone"}')], () => ({
      class: 'NumberUnavailable',
      code: 'not_available',
      carrierCode: 'gone',
    }));

    expect(await client.write(call(), 'purchase', post, Shape)).toEqual({
      ...{ kind: 'refused', refusal: { class: 'NumberUnavailable', code: 'not_available', carrierCode: 'gone' } },
    });
  });

  it.each([200, 409, 422])(
    'P2: a carrier that says inside a %i that it failed may have acted: unknown',
    async (status) => {
      const { client } = scripted([answer(status, '{"code":"500"}')], () => ({
        class: 'CarrierBusy',
        code: 'carrier_down',
        carrierCode: '500',
      }));

      expect(await client.write(call(), 'purchase', post, Shape)).toEqual({
        ...{ kind: 'unknown', reason: 'server_error', refs: {} },
      });
    },
  );

  it('a 429 is refused as not processed, with its wait', async () => {
    const outcome = await scripted([answer(429, '{}', { 'retry-after': '7' })]).client.write(
      call(),
      'purchase',
      post,
      Shape,
    );

    expect(outcome).toMatchObject({
      kind: 'refused',
      refusal: { code: 'rate_limited', notProcessed: true, retryAfterSeconds: 7 },
    });
  });

  it('what never left us is thrown', async () => {
    await expect(
      scripted([new NotSent('refused')]).client.write(call(), 'purchase', post, Shape),
    ).rejects.toMatchObject({ name: 'CarrierBusy', code: 'carrier_down' });
  });

  it('is unknown when an earlier step of the same write did leave', async () => {
    const { client } = scripted([answer(200), new NotSent('refused')]);
    const outcome = await client.sdkWrite(call(), 'purchase', async (exchange) => {
      await exchange(post);
      return exchange(post);
    });

    expect(outcome).toEqual({ kind: 'unknown', reason: 'connection_lost', refs: {} });
  });
});

describe('official SDKs', () => {
  class SdkError extends Error {}

  it('are judged by the answer their transport saw, not by what they throw', async () => {
    const { client } = scripted([answer(500)]);
    const outcome = await client.sdkWrite(call(), 'purchase', async (exchange) => {
      await exchange(post);
      throw new SdkError('everything is fine');
    });

    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'server_error' });
  });

  it('that throw after a 2xx have read something unreadable', async () => {
    const { client } = scripted([answer(200)]);
    const run = async (exchange: (request: HttpRequest) => Promise<HttpAnswer>) => {
      await exchange(get);
      throw new SdkError('cannot read');
    };

    await expect(client.sdkRead(call(), 'search', run)).rejects.toMatchObject({ code: 'malformed_reply' });
    expect(await client.sdkWrite(call(), 'purchase', run)).toMatchObject({
      kind: 'unknown',
      reason: 'malformed_reply',
    });
  });

  it('that throw before sending anything show a bug of ours', async () => {
    const { client } = scripted([answer(200)]);

    await expect(client.sdkWrite(call(), 'purchase', () => Promise.reject(new TypeError('bug')))).rejects.toThrow(
      TypeError,
    );
  });

  it('let our own errors through', async () => {
    const { client } = scripted([answer(200)]);
    const own = new NumberUnavailable({ code: 'not_available', detail: 'gone' });

    await expect(client.sdkRead(call(), 'search', () => Promise.reject(own))).rejects.toBe(own);
  });

  it('have one time limit over all their exchanges', async () => {
    const { client, sent } = scripted([answer(200)]);
    const run = async (exchange: (request: HttpRequest) => Promise<HttpAnswer>) => {
      for (let page = 0; page < 10; page++) await exchange(get);
    };

    await expect(client.sdkRead(call(35), 'list', run)).rejects.toMatchObject({ name: 'CarrierBusy', code: 'timeout' });
    expect(sent.length).toBe(4);
  });
});

describe('limits of a carrier', () => {
  it('S1: five failed reads open the breaker; then nothing is sent, and a read ten seconds on closes it', async () => {
    const script: (HttpAnswer | Error)[] = [...Array.from({ length: 5 }, () => answer(500)), answer(200)];
    const { client, sent, timing } = scripted(script);
    await expect(client.read(call(), 'search', get, Shape)).rejects.toThrow();
    await expect(client.read(call(), 'search', get, Shape)).rejects.toThrow();

    expect(sent.length).toBe(5);
    expect(client.health()).toMatchObject({ breaker: 'open', successRate: 0 });
    await expect(client.read(call(), 'search', get, Shape)).rejects.toMatchObject({ code: 'carrier_down' });
    await expect(client.write(call(), 'purchase', post, Shape)).rejects.toMatchObject({ code: 'carrier_down' });
    expect(sent.length).toBe(5);
    timing.at.ms += 10_000;
    expect(client.health().breaker).toBe('half_open');
    expect(await client.read(call(), 'search', get, Shape)).toEqual({ ok: true });
    expect(client.health().breaker).toBe('closed');
  });

  it('S1: a failed trial opens it for ten more seconds; beside a trial only writes pass', async () => {
    const { client, sent, timing } = scripted([answer(500)]);
    for (let n = 0; n < 5; n++) await client.read(call(0.5), 'search', get, Shape).catch(() => undefined);
    timing.at.ms += 10_000;
    const beside = await Promise.allSettled([
      client.read(call(5), 'search', get, Shape),
      client.read(call(5), 'search', get, Shape),
      client.write(call(5), 'purchase', post, Shape),
    ]);
    timing.at.ms += 9_000;

    expect(beside.map((one) => one.status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(sent.length).toBe(5 + 2);
    expect(client.health().breaker).toBe('open');
    timing.at.ms += 1_000;
    expect(client.health().breaker).toBe('half_open');
  });

  it('does not count a failed write, nor a search the caller has left', async () => {
    const { client } = scripted([new AnswerLost('timeout')]);
    const left = new AbortController();
    for (let n = 0; n < 10; n++) await client.write(call(), 'purchase', post, Shape);
    const http: Http = async () => {
      left.abort();
      throw new AnswerLost('timeout');
    };
    const leaving = carrierClient({ id: 'wavix', concurrency: 1, refusal: () => undefined }, http);
    for (let n = 0; n < 10; n++)
      await leaving.read(call(1_000, left.signal), 'search', get, Shape).catch(() => undefined);

    expect(client.health().breaker).toBe('closed');
    expect(leaving.health().breaker).toBe('closed');
  });

  it('sends no more at once than the carrier may get, and who gives up waiting has sent nothing', async () => {
    let atOnce = 0;
    let most = 0;
    let sent = 0;
    const release: (() => void)[] = [];
    const http: Http = async () => {
      sent += 1;
      most = Math.max(most, ++atOnce);
      await new Promise<void>((resolve) => release.push(resolve));
      atOnce -= 1;
      return answer(200);
    };
    const client = carrierClient({ id: 'wavix', concurrency: 2, refusal: () => undefined }, http);
    const giving = new AbortController();
    const first = [client.read(call(), 'a', get, Shape), client.read(call(), 'a', get, Shape)];
    const waiting = client.write(call(1_000, giving.signal), 'purchase', post, Shape);
    giving.abort();

    await expect(waiting).rejects.toMatchObject({ name: 'CarrierBusy', code: 'timeout' });
    const late = client.read(call(30), 'a', get, Shape);
    await expect(late).rejects.toMatchObject({ name: 'CarrierBusy', code: 'timeout' });
    for (const go of release) go();
    await Promise.all(first);
    expect({ most, sent }).toEqual({ most: 2, sent: 2 });
  });

  it('I14: what is observed holds no credential, in header, address, body or answer', async () => {
    const { client, seen } = scripted([answer(200, '{"ok":true,"auth_token":"abc","echo":"s3cret-s3cret"}')]);
    await client.write(call(), 'purchase', { ...post, url: `${post.url}?api_key=abc&x=1&token=s3cret-s3cret` }, Shape);
    const shown = JSON.stringify(seen, (_, value: unknown) =>
      value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
    );

    expect(shown).not.toContain('s3cret');
    expect(shown).not.toContain('abc');
    expect(shown).toContain('+441223555010');
  });
});

describe.each<[string, () => Http]>([
  ['fetch', fetchHttp],
  ['connections of its own', () => pooledHttp().http],
])('HTTP over %s', (_name, http) => {
  const open: Server[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  const serve = async (listener: RequestListener) => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  const limits = { timeoutMs: 1_000, maxBytes: 1_000 };
  const request = (url: string): HttpRequest => ({ method: 'POST', url, headers: { 'x-a': '1' }, body: 'hello' });

  it('sends the body and gives status, headers and bytes back', async () => {
    const url = await serve((incoming, outgoing) => void incoming.pipe(outgoing.writeHead(201, { 'X-B': '2' })));
    const got = await http()(request(url), limits);

    expect(got).toMatchObject({ status: 201, headers: { 'x-b': '2' } });
    expect(new TextDecoder().decode(got.body)).toBe('hello');
  });

  it('follows no redirect', async () => {
    const url = await serve((_, outgoing) => void outgoing.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());

    expect((await http()(request(url), limits)).status).toBe(302);
  });

  it('NotSent: nobody listens, no such host, given up before', async () => {
    const given = AbortSignal.abort();
    const closed = await serve(() => undefined);
    for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));

    await expect(http()(request(closed), limits)).rejects.toBeInstanceOf(NotSent);
    await expect(http()(request('http://nowhere.invalid/'), limits)).rejects.toBeInstanceOf(NotSent);
    await expect(http()(request(closed), { ...limits, signal: given })).rejects.toBeInstanceOf(NotSent);
  });

  it.each<[string, RequestListener, string]>([
    ['the line drops before an answer', (incoming) => void incoming.socket.destroy(), 'connection_lost'],
    [
      'the body is cut',
      (_, outgoing) => void outgoing.writeHead(200, { 'content-length': '50' }).write('cut', () => outgoing.destroy()),
      'connection_lost',
    ],
    ['nothing comes in time', () => undefined, 'timeout'],
    ['the body stops in the middle', (_, outgoing) => void outgoing.writeHead(200).write('x'), 'timeout'],
    ['the body is too large', (_, outgoing) => void outgoing.writeHead(200).end('x'.repeat(5_000)), 'too_large'],
  ])('AnswerLost: %s', async (_, listener, reason) => {
    const url = await serve(listener);

    await expect(http()(request(url), { ...limits, timeoutMs: 150 })).rejects.toMatchObject({
      name: 'AnswerLost',
      reason,
    });
  });
});

describe('connections of a function that may be frozen', () => {
  it('P2: serve one call after another, and none of them the call after a freeze', async () => {
    const connections = new Set<number | undefined>();
    const server = createServer((incoming, outgoing) => {
      connections.add(incoming.socket.remotePort);
      incoming.resume().on('end', () => outgoing.end('x'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { http, letGo } = pooledHttp();
    const exchange = () => http({ ...get, url }, { timeoutMs: 1_000, maxBytes: 10 });
    const used: number[] = [];
    for (const isLast of [false, true, false, true, false]) {
      await exchange();
      used.push(connections.size);
      if (isLast) letGo();
    }
    const late = exchange();
    letGo();
    await late;
    await exchange();
    used.push(connections.size);
    server.closeAllConnections();
    server.close();

    expect(used).toEqual([1, 1, 2, 2, 3, 4]);
  });
});
