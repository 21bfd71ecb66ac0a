import { flushCompileCache } from 'node:module';
import { FINAL_STATES } from '../../functions/requests/schema.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { readSettings } from '../../local/settings.ts';
import { type Kill, killer } from './boundaries.ts';
import { factsOf } from './facts.ts';
import { isForPerson } from './invariants.ts';

/** What the harness asks of a life, and what it gets back, one answer for each. */
export type Ask =
  | {
      readonly do: 'start';
      readonly dataDir: string;
      readonly port: number;
      readonly simulatorsUrl: string;
      readonly kill?: Kill;
    }
  | { readonly do: 'settle' }
  | { readonly do: 'stop' };
export interface Standing {
  /** Next instant at which the clock moves something, epoch milliseconds. */
  readonly dueAt?: number;
  /** Every request has ended or waits for a person, and nothing is left to deliver. */
  readonly atRest: boolean;
  readonly requests: readonly {
    readonly id: string;
    readonly state: string;
    readonly waitingFor: string;
  }[];
}
export type Told =
  | { readonly started: true }
  | { readonly standing: Standing }
  | { readonly seen: readonly string[] }
  | { readonly problem: string };

/** One process of the gateway. It takes up a folder, goes on until it is killed or told to stop, and may then take another. */
let gateway: Gateway | undefined;
let watch = killer(undefined);

async function answer(ask: Ask): Promise<Told> {
  switch (ask.do) {
    case 'start': {
      watch = killer(ask.kill);
      const { dataDir, port, simulatorsUrl } = ask;
      const env = {
        DATA_DIR: dataDir,
        PORT: String(port),
        SIMULATORS_URL: simulatorsUrl,
        TEST_CLOCK: '1',
        RATE_LIMIT_PER_MINUTE: '1000000',
      };
      gateway = await startGateway({
        settings: readSettings(env),
        env: {},
        logStream: { write: () => true },
        boundary: watch.boundary,
      });
      return { started: true };
    }
    case 'settle':
      return { standing: await settled(running()) };
    case 'stop':
      await running().close();
      gateway = undefined;
      // A killed process leaves no compiled code behind for the next one.
      flushCompileCache();
      return { seen: watch.seen };
  }
}

function running(): Gateway {
  if (!gateway) throw new Error('no gateway runs here');
  return gateway;
}

/** Waits until only the clock, a carrier or a person could move something. */
async function settled(of: Gateway): Promise<Standing> {
  for (let round = 0; ; round++) {
    await of.idle();
    await new Promise((done) => setImmediate(done));
    const standing = standingOf(of);
    const isMoving = standing.dueAt !== undefined && standing.dueAt <= of.clock.now().getTime();
    if (!isMoving || round >= 20) return standing;
    await new Promise((done) => setTimeout(done, 2));
  }
}

/** A line that a dead process had is taken up by a sweep, which comes once a minute. */
const SWEEP_MS = 61_000;

function standingOf({ table, clock }: Gateway): Standing {
  const items = table.scan();
  const { requests } = factsOf(items.filter(({ key }) => key.sk.startsWith('REQ#') && key.pk.startsWith('TEN#')));
  const due: number[] = [];
  for (const { key, data } of items) {
    if (key.pk.startsWith('WFX#') && key.sk === 'HEAD' && data['status'] === 'running')
      due.push(data['pending'] === true ? clock.now().getTime() : Number(data['dueAt']));
    if (key.pk.startsWith('OUT#') && data['state'] === 'open')
      due.push(
        Math.max(Date.parse(String(data['dueAt'])), Date.parse(String(data['leasedUntil'])), clock.now().getTime()) +
          SWEEP_MS,
      );
  }
  for (const { nextTimerAt } of requests) if (nextTimerAt) due.push(Date.parse(nextTimerAt) + SWEEP_MS);
  const isOpen = items.some(({ key, data }) => key.pk.startsWith('OUT#') && data['state'] === 'open');
  const isRunning = (id: string) =>
    items.some(
      ({ key, data }) =>
        key.sk === 'HEAD' && key.pk.startsWith(`WFX#request-number#${id}`) && data['status'] === 'running',
    );
  const isSettled = (request: (typeof requests)[number]) =>
    FINAL_STATES.includes(request.state) ? !isRunning(request.id) : isForPerson(request);
  return {
    ...(due.length > 0 ? { dueAt: Math.min(...due) } : {}),
    atRest: requests.length > 0 && !isOpen && requests.every(isSettled),
    requests: requests.map(({ id, state, waitingFor }) => ({ id, state, waitingFor })),
  };
}

process.on('message', (ask: Ask) => {
  void answer(ask)
    .catch(
      (error: unknown): Told => ({ problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
    .then((told) => process.send?.(told));
});
