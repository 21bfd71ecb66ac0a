import { describe, expect, it } from 'vitest';
import { allCarriers } from '../../functions/carriers/all-carriers.ts';
import { sharedLine } from '../../functions/carriers/rest-store.ts';
import { settledHttp } from '../../functions/carriers/settled-http.ts';
import { AnswerLost, type Http, type HttpAnswer, NotSent } from '../../functions/platform/http.ts';
import type { Table } from '../../functions/platform/table.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import { keptLog } from '../inbound/house.ts';

const GET = { method: 'GET', url: 'https://api.example/numbers', headers: {} } as const;
const POST = { ...GET, method: 'POST' } as const;
const LIMITS = { timeoutMs: 1000, maxBytes: 1000 };
const answer = (status: number): HttpAnswer => ({ status, headers: {}, body: new Uint8Array() });

function house(changes: Partial<Table> = {}) {
  const clock = testClock(new Date('2026-11-21T10:00:00.000Z'));
  const table = { ...openTable({ path: ':memory:', clock }), ...changes };
  const log = keptLog();
  const carrier = { status: 503, fails: undefined as Error | undefined, calls: 0 };
  const http: Http = async () => {
    carrier.calls++;
    if (carrier.fails) throw carrier.fails;
    return answer(carrier.status);
  };
  return { clock, log, carrier, process: () => sharedLine({ table, clock, log }, 'twilio', http) };
}
async function fail(line: Http, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await line(GET, LIMITS).catch(() => undefined);
}

describe('a carrier’s line that processes share', () => {
  it('rests for all after five failed reads in a row of one (S2)', async () => {
    const { carrier, process, clock } = house();
    const [one, other] = [process(), process()];
    await fail(one, 5);

    await expect(other(GET, LIMITS)).rejects.toBeInstanceOf(NotSent);
    await expect(other(POST, LIMITS)).rejects.toBeInstanceOf(NotSent);
    await expect(one(GET, LIMITS)).rejects.toBeInstanceOf(NotSent);

    expect(carrier.calls).toBe(5);
    clock.advance(11);
    carrier.status = 200;
    expect(await other(GET, LIMITS)).toMatchObject({ status: 200 });
  });

  it.each([
    ['lost answers', new AnswerLost('timeout')],
    ['refused connections', new NotSent('refused')],
  ])('counts %s', async (_, error) => {
    const { carrier, process } = house();
    carrier.fails = error;
    await fail(process(), 6);

    expect(carrier.calls).toBe(5);
  });

  it('counts neither writes, nor answers that say no, nor calls their caller left', async () => {
    const { carrier, process } = house();
    const line = process();
    for (let n = 0; n < 9; n++) await line(POST, LIMITS);
    carrier.status = 404;
    for (let n = 0; n < 9; n++) await line(GET, LIMITS);
    carrier.fails = new AnswerLost('connection_lost');
    for (let n = 0; n < 9; n++) await line(GET, { ...LIMITS, signal: AbortSignal.abort() }).catch(() => undefined);

    expect(carrier.calls).toBe(27);
  });

  it('forgets failures with the first good answer', async () => {
    const { carrier, process } = house();
    const line = process();
    await fail(line, 4);
    carrier.status = 200;
    await line(GET, LIMITS);
    carrier.status = 503;
    await fail(line, 4);

    expect(carrier.calls).toBe(9);
  });

  it('reads what the others know every few seconds, not with every call', async () => {
    let reads = 0;
    const get = async () => {
      reads++;
      return undefined;
    };
    const { carrier, process, clock } = house({ get });
    carrier.status = 200;
    const line = process();
    for (let n = 0; n < 20; n++) await line(GET, LIMITS);
    expect(reads).toBe(1);

    clock.advance(4);
    await line(GET, LIMITS);

    expect(reads).toBe(2);
  });

  it('works while the table is down or hangs', async () => {
    const down = async () => Promise.reject(new Error('table down'));
    const first = house({ get: down, write: down });
    await fail(first.process(), 9);
    expect(first.carrier.calls).toBe(5);
    const second = house({ get: () => new Promise(() => undefined) });
    second.carrier.status = 200;

    const began = performance.now();
    expect(await second.process()(GET, LIMITS)).toMatchObject({ status: 200 });

    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('exchanges of a function', () => {
  it('are waited for before it is frozen, also those that were given up', async () => {
    const ended: string[] = [];
    const { http, settled } = settledHttp(async ({ url }) => {
      await new Promise((resolve) => setTimeout(resolve, url.endsWith('slow') ? 60 : 10));
      ended.push(url);
      if (url.endsWith('slow')) throw new AnswerLost('timeout');
      return answer(200);
    });
    const slow = http({ ...GET, url: 'slow' }, LIMITS).catch(() => 'lost');
    await http({ ...GET, url: 'quick' }, LIMITS);
    expect(ended).toEqual(['quick']);

    await settled();

    expect(ended).toEqual(['quick', 'slow']);
    expect(await slow).toBe('lost');
    await settled();
  });
});

describe('an adapter', () => {
  it('X8: is made anew when its carrier’s credentials were rotated', async () => {
    const clock = testClock();
    let credentials: Record<string, string> | undefined = {
      TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
      TWILIO_AUTH_TOKEN: 'a'.repeat(32),
    };
    const carriers = allCarriers({
      http: async () => answer(500),
      clock,
      publicUrl: 'https://gateway.example.com',
      credentials: async () => credentials,
      baseUrl: () => undefined,
    });

    const first = await carriers.get('twilio');
    expect(await carriers.get('twilio')).toBe(first);
    credentials = { ...credentials, TWILIO_AUTH_TOKEN: 'b'.repeat(32) };
    const second = await carriers.get('twilio');

    expect(second).not.toBe(first);
    expect(await carriers.get('twilio')).toBe(second);
    credentials = undefined;
    await expect(carriers.get('twilio')).rejects.toMatchObject({ name: 'CarrierUnusable', code: 'auth' });
  });
});
