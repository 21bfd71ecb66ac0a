import { signedCalls } from '../../../functions/platform/aws/signed.ts';
import type { TableCall } from '../../../functions/platform/aws/table-call.ts';
import { officialCalls } from '../../../functions/platform/aws/table-official.ts';
import { incoming } from '../../../test/inbound/signed.ts';
import { checkServer } from '../check-server.ts';
import { type Loaded, startServer, startServerIn } from '../load.ts';
import { NUMBERS, numberAt } from '../load-numbers.ts';
import { type Compared, compare, ROUNDS, type Sample, slice } from '../rounds.ts';
import { type Finding, finding } from '../shape.ts';
import { functionEnv, TABLE_NAME } from './function-env.ts';

const CALLS = 800;
const WARM_ROUNDS = 6;
/**
 * Performance §2 and §8 in ratios: 52 µs of a handler behind HTTP and 200 µs of a small client against 84 µs of Express with
 * the middleware and 535 µs of the official one; for the client alone 200 against 535.
 */
const GOALS = { call: 0.41, read: 0.38 };

/**
 * H1: CPU of a verified call, the deployed bundle behind HTTP ÷ Express with the Twilio middleware and the document client,
 * both reading the route over DynamoDB's wire. H3: CPU of one such read, our signed client ÷ the official one.
 */
export async function measureWarm(bundle: string, wanted: (id: string) => boolean): Promise<readonly Finding[]> {
  const aws = await startServer('aws');
  try {
    const env = functionEnv(aws.port);
    return [
      ...(wanted('H1') ? [callFinding(await compareCalls(bundle, env))] : []),
      ...(wanted('H3') ? [readFinding(await compareReads(env))] : []),
    ];
  } finally {
    await aws.stop();
  }
}

type Env = Readonly<Record<string, string>>;

interface Calls extends Compared {
  /** CPU of the function's traffic alone, microseconds a call. */
  readonly floor: number;
}

async function compareCalls(bundle: string, env: Env): Promise<Calls> {
  const calls = Array.from({ length: CALLS }, (_, i) =>
    incoming('twilio', { id: `warm ${i}`, from: '+447700900123', to: numberAt((i * 17) % NUMBERS) }, new Date()),
  );
  const servers: Loaded[] = [];
  const start = async (...args: readonly string[]): Promise<() => Promise<Sample>> => {
    const server = await startServerIn(env, ...args);
    servers.push(server);
    if (args[0] !== 'floor') await checkServer(server, calls);
    return () => server.load(calls, CALLS);
  };
  try {
    const pair = { ours: await start('function', bundle), reference: await start('documents') };
    await compare(pair, WARM_ROUNDS);
    const compared = await compare(pair);
    const floor = { ours: await start('floor'), reference: pair.ours };
    await compare(floor, WARM_ROUNDS);
    return { ...compared, floor: (await compare(floor)).ours.cpu };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function compareReads(env: Env): Promise<Compared> {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL: endpoint = '' } = env;
  const credentials = {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    sessionToken: env['AWS_SESSION_TOKEN'] ?? '',
  };
  const clock = { now: () => new Date(), wakeAt: () => () => undefined };
  const signed = signedCalls({ service: 'dynamodb', region, endpoint, clock, env });
  const official = officialCalls({ config: { region, endpoint, credentials } });
  const read = (call: TableCall) => async () => {
    const Key = { pk: { S: `ROUTE#${numberAt(7)}` }, sk: { S: 'twilio' } };
    const answer = await call('GetItem', { TableName: TABLE_NAME, Key, ConsistentRead: false });
    if (!answer['Item']) throw new Error('the route is not there');
  };
  const pair = { ours: () => slice(read(signed)), reference: () => slice(read(official)) };
  await compare(pair, WARM_ROUNDS);
  return compare(pair);
}

function callFinding({ ratio, wallRatio, ours, reference, floor }: Calls): Finding {
  return finding({
    id: 'H1',
    what: 'CPU of a verified call with its table read, inbound’s bundle ÷ Express with the Twilio middleware and the document client',
    value: ratio,
    unit: 'ratio',
    goal: GOALS.call,
    detail: {
      'ours µs': Math.round(ours.cpu),
      'reference µs': Math.round(reference.cpu),
      'the same traffic and log line, nothing else, µs': Math.round(floor),
      'that ÷ reference': Math.round((floor / reference.cpu) * 100) / 100,
      'wall ratio': Math.round(wallRatio * 100) / 100,
      rounds: ROUNDS,
      calls: CALLS,
    },
  });
}

function readFinding({ ratio, ours, reference }: Compared): Finding {
  return finding({
    id: 'H3',
    what: 'CPU of a table read by key, signed client ÷ official client',
    value: ratio,
    unit: 'ratio',
    goal: GOALS.read,
    detail: { 'ours µs': Math.round(ours.cpu), 'reference µs': Math.round(reference.cpu), rounds: ROUNDS },
  });
}
