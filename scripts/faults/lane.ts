import { cpSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import type { Kill } from './boundaries.ts';
import { type Carriers, startCarriers } from './carriers.ts';
import type { Standing } from './child.ts';
import type { Truth } from './facts.ts';
import { type Violation, violationsOf } from './invariants.ts';
import { type Answer, call, type Life, lives } from './life.ts';
import type { CarrierScript, Deed } from './scripts.ts';

/** How one run ended. */
export interface Ended {
  readonly state: string;
  readonly deaths: number;
  readonly violations: readonly Violation[];
  /** Boundaries of the last life, in their order. */
  readonly seen: readonly string[];
}
/** A place for one run at a time: a port, simulated carriers, processes to be killed. */
export interface Lane {
  /** Plays a script without any kill. */
  play(script: CarrierScript): Promise<Ended>;
  /**
   * Plays a script, killed at one boundary, to its end; then takes up the same dead process' folder once more and kills
   * that life, too, at the boundary `again` chooses of those the first recovery came to.
   */
  kill(
    script: CarrierScript,
    kill: Kill,
    again: (boundaries: number) => number | undefined,
  ): Promise<{ readonly once: Ended; readonly twice?: Ended }>;
  close(): Promise<void>;
}
interface Place {
  readonly url: string;
  readonly port: number;
  readonly data: string;
  readonly carriers: Carriers;
  readonly tokens: Readonly<Record<Deed['by'], string>>;
}

export async function openLane(folder: string, program: string, cache: string): Promise<Lane> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const template = join(folder, 'template');
  const pool = lives(program, cache);
  let life = pool.next();
  await life.start({ dataDir: template, port, simulatorsUrl: url });
  const tokens = {
    customer: await tokenOf(url, 'customer@acme.example'),
    cs: await tokenOf(url, 'cs@numbergate.example'),
  };
  await life.stop();
  const carriers = await startCarriers(join(folder, 'carriers'), template, url);
  const place: Place = { url, port, data: join(folder, 'data'), carriers, tokens };
  const fresh = (script: CarrierScript): Story => {
    copyFolder(template, place.data);
    carriers.begin(script);
    return { script, acknowledged: [], done: 0 };
  };
  /** One life after the other, the first ones with a kill, until one comes to rest. */
  const live = async (story: Story, kills: readonly Kill[]): Promise<Ended> => {
    for (let deaths = 0; ; deaths++) {
      if (life.isDead()) life = pool.next();
      const kill = kills[deaths];
      const end = await oneLife(place, life, story, kill);
      if (end !== 'killed') return { ...judged(place, story), deaths, seen: end };
      if (!kill) throw new Error(`${story.script.name}: the process died by itself`);
      await carriers.quiet();
    }
  };
  return {
    play: (script) => live(fresh(script), []),
    async kill(script, kill, again) {
      const story = fresh(script);
      if (life.isDead()) life = pool.next();
      const end = await oneLife(place, life, story, kill);
      if (end !== 'killed') return { once: { ...judged(place, story), deaths: 0, seen: end } };
      await carriers.quiet();
      const kept = join(folder, 'kept');
      copyFolder(place.data, kept);
      const [putBack, told] = [carriers.keep(), structuredClone(story)];
      const once = await live(story, []);
      const nth = again(once.seen.length);
      if (nth === undefined) return { once: { ...once, deaths: 1 } };
      copyFolder(kept, place.data);
      putBack();
      const twice = await live(told, [{ nth }]);
      return { once: { ...once, deaths: 1 }, twice: { ...twice, deaths: twice.deaths + 1 } };
    },
    async close() {
      life.end();
      pool.close();
      await carriers.close();
    },
  };
}

function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}

/** How far the people have come, as they know themselves: their own log outlives every process. */
interface Story {
  readonly script: CarrierScript;
  readonly acknowledged: string[];
  /** Deeds that were answered. */
  done: number;
}

async function oneLife(
  place: Place,
  life: Life,
  story: Story,
  kill: Kill | undefined,
): Promise<'killed' | readonly string[]> {
  const { data: dataDir, port, carriers } = place;
  const started = await life.start({ dataDir, port, simulatorsUrl: carriers.url, ...(kill ? { kill } : {}) });
  if (started === 'killed') return 'killed';
  if ((await drive(place, life, story)) === 'killed') return 'killed';
  return life.stop();
}

const MOST_ROUNDS = 100;

/** Does what the people do and lets time pass, until the request is final or waits for somebody who will not act. */
async function drive(place: Place, life: Life, story: Story): Promise<'rest' | 'killed'> {
  await catchUp(place);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const standing = await life.settle();
    if (standing === 'killed') return 'killed';
    if (story.acknowledged.length === 0) await ask(place, story);
    else if (standing.atRest) {
      const deed = standing.requests.some(({ waitingFor }) => waitingFor !== 'nobody')
        ? story.script.deeds[story.done]
        : undefined;
      if (!deed) return 'rest';
      await act(place, story, deed);
    } else await passTime(place, standing);
    if (life.isDead()) return 'killed';
  }
  throw new Error(`${story.script.name}: no rest after ${MOST_ROUNDS} rounds`);
}

/** The requester sends the form under one key until it is acknowledged. */
async function ask(place: Place, story: Story): Promise<void> {
  const answer = await post(place, 'customer', '/v1/number-requests', story.script.request, 'the-request');
  if (answer === 'lost') return settledDown();
  if (answer.status === 202) story.acknowledged.push((answer.body as { id: string }).id);
  else if (answer.status === 409) await advance(place, 61);
  else throw new Error(`the request was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
}

async function act(place: Place, story: Story, deed: Deed): Promise<void> {
  const id = story.acknowledged[0] ?? '';
  const path = deed.path.replace('{id}', id).replace('{ulid}', id.slice('req_'.length));
  const answer = await post(place, deed.by, path, deed.body, `deed-${story.done}`);
  if (answer === 'lost') return settledDown();
  if (answer.status < 300) story.done++;
  else if (answer.status === 409 && code(answer) === 'idempotency_in_progress') await advance(place, 61);
  else throw new Error(`${path} was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
}

const code = ({ body }: Answer): unknown => (body as { code?: unknown } | undefined)?.code;

/** A connection breaks a moment before the process is known to be dead. */
const settledDown = (): Promise<void> => new Promise((done) => setTimeout(done, 5));

function post(place: Place, by: Deed['by'], path: string, body: object, key: string) {
  const headers = {
    authorization: `Bearer ${place.tokens[by]}`,
    'idempotency-key': key,
    ...(by === 'cs' ? { 'gateway-tenant': 'ten_00000000000000000000000001' } : {}),
  };
  return call('POST', `${place.url}${path}`, headers, body);
}

/** On to the next thing that is due at the gateway or at a carrier. */
async function passTime(place: Place, { dueAt }: Standing): Promise<void> {
  await place.carriers.quiet();
  const next = Math.min(dueAt ?? Number.POSITIVE_INFINITY, place.carriers.nextDue() ?? Number.POSITIVE_INFINITY);
  if (next === Number.POSITIVE_INFINITY) throw new Error('nothing will ever happen again');
  await advance(place, Math.max(1, Math.ceil((next - place.carriers.now()) / 1000)));
}

async function advance(place: Place, seconds: number): Promise<void> {
  place.carriers.advance(seconds);
  await place.carriers.quiet();
  await catchUp(place);
}

/** The gateway's clock goes with the carriers'. A process that dies meanwhile leaves its shift in a file, before or after. */
async function catchUp(place: Place): Promise<void> {
  const behind = place.carriers.now() - (Date.now() + shiftOf(place));
  if (behind < 1000) return;
  await call('POST', `${place.url}/local/clock`, {}, { advanceSeconds: Math.round(behind / 1000) });
}

function shiftOf({ data }: Place): number {
  try {
    return Number((JSON.parse(readFileSync(join(data, 'clock.json'), 'utf8')) as { shiftMs: number }).shiftMs);
  } catch {
    return 0;
  }
}

/** The state of the request, and what does not hold. */
function judged(place: Place, story: Story): Pick<Ended, 'state' | 'violations'> {
  const table = openTable({ path: join(place.data, 'numbergate.sqlite'), clock: systemClock() });
  const items = table.scan();
  table.close();
  const heads = items.filter(
    ({ key, data }) => key.pk.startsWith('WFX#request-number#') && key.sk === 'HEAD' && data['status'] === 'running',
  );
  const truth: Truth = {
    items,
    bought: place.carriers.ledger(),
    acknowledged: story.acknowledged,
    alive: new Set(heads.map(({ key }) => (key.pk.split('#')[2] ?? '').split('.')[0] ?? '')),
    mails: items.filter(({ key }) => key.pk === 'MAILS').map(({ data }) => String(data['messageKey'])),
  };
  const request = items.find(({ key }) => key.sk === `REQ#${story.acknowledged[0]}`);
  return { state: String(request?.data['state'] ?? 'missing'), violations: violationsOf(truth) };
}

async function tokenOf(url: string, email: string): Promise<string> {
  const answer = await call('POST', `${url}/local/sign-in`, {}, { email });
  if (answer === 'lost' || answer.status !== 200) throw new Error(`${email} could not sign in`);
  return (answer.body as { accessToken: string }).accessToken;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
