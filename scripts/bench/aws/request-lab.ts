import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '../../../functions/contract/client.ts';
import type { NumberType } from '../../../functions/domain/country.ts';
import type { Clock } from '../../../functions/platform/clock.ts';
import type { Table, Write } from '../../../functions/platform/table.ts';
import type { LocalTable } from '../../../local/engine/table.ts';
import { findExecution, historyOf } from '../../../local/engine/workflows/read.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { readSettings } from '../../../local/settings.ts';
import { meteredTable } from './metered-table.ts';
import type { Spent } from './wire-table.ts';

const MACHINE = 'request-number';
const ACME = 'ten_00000000000000000000000001';
const EMAILS = { customer: 'customer@acme.example', cs: 'cs@numbergate.example', cs2: 'cs2@numbergate.example' };
export type Who = keyof typeof EMAILS;

/** What happened since it was last asked, everything in the house. */
export interface Happened {
  /** Requests of people and their programs to the HTTP interface. */
  readonly requests: number;
  /** Names of the states whose function was called. */
  readonly stateCalls: readonly string[];
  /** New lines of the outbox: each wakes the function that delivers. */
  readonly lines: number;
  readonly mails: number;
  readonly uploads: number;
  readonly logBytes: number;
  readonly table: Spent;
}
/** The whole gateway with its simulated carriers, and a count of what AWS would charge for. */
export interface RequestLab {
  readonly as: (who: Who) => Client;
  upload(url: string, init: RequestInit): Promise<void>;
  /** Puts the cheapest number of all on sale at the simulated Twilio, whose orders are executed at once. */
  stock(number: string, country: string, type: NumberType): Promise<void>;
  idle(): Promise<void>;
  /** Lets carriers review, each time by a step of the clock, until the request's workflow has ended. Throws if it does not. */
  toEnd(requestId: string): Promise<void>;
  /** State transitions of a request's workflow so far, and all its events. */
  steps(requestId: string): Promise<{ readonly transitions: number; readonly events: number }>;
  take(): Happened;
  close(): Promise<void>;
}

interface Tally {
  requests: number;
  stateCalls: string[];
  lines: number;
  mails: number;
  uploads: number;
  logBytes: number;
}
const nothing = (): Tally => ({ requests: 0, stateCalls: [], lines: 0, mails: 0, uploads: 0, logBytes: 0 });

export async function openRequestLab(): Promise<RequestLab> {
  const dataDir = mkdtempSync(join(tmpdir(), 'numbergate-bench-'));
  const tally = nothing();
  const meter: { take?: () => Spent; stored?: Table } = {};
  const gateway = await startGateway({
    settings: readSettings(environment(dataDir)),
    env: {},
    logStream: {
      write: (text) => {
        tally.logBytes += Buffer.byteLength(text);
      },
    },
    boundary: (name) => {
      const state = /^before call (.+)$/.exec(name)?.[1];
      if (state) tally.stateCalls.push(state);
    },
    aroundTable: (stored, clock) => {
      const metered = watched(stored, clock, tally);
      meter.take = metered.take;
      meter.stored = stored;
      return metered.table;
    },
  });
  const { stored, take } = meter;
  if (!stored || !take) throw new Error('the table is not metered');
  const id = (name: string) => ({ machine: MACHINE, name });
  const people = await signIn(gateway, tally);
  take();
  return {
    as: (who) => people[who],
    async upload(url, init) {
      tally.uploads += 1;
      const answer = await fetch(url, init);
      if (!answer.ok) throw new Error(`an upload is answered ${answer.status}`);
    },
    idle: gateway.idle,
    async stock(number, country, type) {
      const numbers = [{ number, country, type, monthly: { amount: '0.10', currency: 'USD' } }];
      await post(`${gateway.simulatorsUrl}/_control/twilio/stock`, { numbers });
    },
    async toEnd(name) {
      for (let step = 0; step < REVIEWS.times; step++) {
        for (let look = 0; look < REVIEWS.looks; look++) {
          await gateway.idle();
          if ((await findExecution(stored, id(name)))?.status === 'succeeded') return;
          await passed(25);
        }
        await post(`${gateway.url}/local/clock`, { advanceSeconds: REVIEWS.seconds });
      }
      throw new Error(`the request ${name} does not come to its end`);
    },
    async steps(name) {
      const events = await historyOf(stored, id(name));
      return { transitions: events.filter(({ type }) => type.endsWith('StateEntered')).length, events: events.length };
    },
    take() {
      const happened = { ...tally, table: take() };
      Object.assign(tally, nothing());
      return happened;
    },
    async close() {
      await gateway.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A simulated review ends within seconds of the clock, and tells us by a webhook, which takes its time. */
const REVIEWS = { times: 8, looks: 40, seconds: 3 };
const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const environment = (dataDir: string) => ({
  PORT: '0',
  SIMULATORS_PORT: '0',
  DATA_DIR: dataDir,
  TEST_CLOCK: '1',
  RATE_LIMIT_PER_MINUTE: '1000000',
  SEARCH_DEADLINE_MS: '10000',
});

function watched(stored: LocalTable, clock: Clock, tally: Tally) {
  const { table, take } = meteredTable(stored, clock);
  const write = async (writes: readonly Write[]): Promise<void> => {
    await table.write(writes);
    for (const one of writes) {
      const isNew = one.op === 'put' && one.when?.some(({ is }) => is === 'absent');
      if (isNew && one.key.pk.startsWith('OUT#')) tally.lines += 1;
      if (isNew && one.key.pk === 'MAILS') tally.mails += 1;
    }
  };
  return { table: { ...table, write }, take: () => take().rooms };
}

async function signIn({ url }: Gateway, tally: Tally): Promise<Readonly<Record<Who, Client>>> {
  const clientOf = async (who: Who): Promise<Client> => {
    const { accessToken } = (await post(`${url}/local/sign-in`, { email: EMAILS[who] })) as { accessToken: string };
    const counted = (request: Request): Promise<Response> => {
      tally.requests += 1;
      return fetch(request);
    };
    const tenant = who === 'customer' ? {} : { tenant: ACME };
    return createClient({ baseUrl: url, token: accessToken, fetch: counted, ...tenant });
  };
  return { customer: await clientOf('customer'), cs: await clientOf('cs'), cs2: await clientOf('cs2') };
}

async function post(url: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return answer.json();
}
