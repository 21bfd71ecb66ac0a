import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hono } from 'hono';
import type { Clock } from '../../../functions/platform/clock.ts';
import type { requestLog } from './request-log.ts';
import { shownBody } from './request-log.ts';
import type { Fault, Operation, SimAnswerText } from './simulator-port.ts';
import type { RunningWorld } from './world.ts';

/** Faults that work the same at every carrier; the others are the carrier's own. */
const GENERIC = [
  'slow',
  'rate_limited',
  'server_error',
  'lost_before_execution',
  'lost_after_execution',
  'server_error_after_execution',
  'cut_body',
] as const satisfies readonly Fault[];
type Generic = (typeof GENERIC)[number];
const SLOW_SECONDS = 10;

/** Names a point in a carrier's work, for tests that stop the process there. */
export type Boundary = (point: string) => void | Promise<void>;

export interface Door {
  readonly running: RunningWorld;
  readonly routes: Hono;
  readonly log: ReturnType<typeof requestLog>;
  readonly clock: Clock;
  readonly boundary: Boundary | undefined;
}

/** One request to a carrier: written down, executed by the carrier's routes, and spoilt if a fault is planted. */
export async function serveCarrier(
  door: Door,
  path: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await bodyOf(incoming);
  const method = incoming.method ?? 'GET';
  const contentType = incoming.headers['content-type'] ?? '';
  door.log.add({ method, path, body: shownBody(contentType, body), at: door.clock.now().toISOString() });
  const { pathname, searchParams } = new URL(path, 'http://carrier');
  const operation = door.running.simulator.operationOf({ method, path: pathname, query: searchParams });
  const fault = door.running.faults.takeFirst(GENERIC, operation) as Generic | undefined;
  const execute = () => executed(door, operation, path, incoming, body);

  if (fault === 'lost_before_execution') return void incoming.socket.destroy();
  if (fault === 'slow') await waited(door.clock, SLOW_SECONDS);
  if (fault === 'rate_limited' || fault === 'server_error')
    return problem(outgoing, door.running.simulator.problem(fault));
  const response = await execute();
  if (fault === 'lost_after_execution') return void incoming.socket.destroy();
  if (fault === 'server_error_after_execution')
    return problem(outgoing, door.running.simulator.problem('server_error'));
  await send(outgoing, response, fault === 'cut_body');
}

/** A web request of Node's, for Hono. */
export function webRequest(path: string, incoming: IncomingMessage, body: Uint8Array): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  const method = incoming.method ?? 'GET';
  const bare = method === 'GET' || method === 'HEAD';
  const url = `http://${incoming.headers.host ?? '127.0.0.1'}${path}`;
  return new Request(url, { method, headers, ...(bare ? {} : { body: body as BodyInit }) });
}

export async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of incoming) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

/** Sends an answer; `cut` announces all of it and hangs up half-way. */
export async function send(outgoing: ServerResponse, response: Response, cut = false): Promise<void> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const headers = { ...Object.fromEntries(response.headers), 'content-length': String(bytes.byteLength) };
  outgoing.writeHead(response.status, response.status === 204 ? Object.fromEntries(response.headers) : headers);
  if (!cut) return void outgoing.end(bytes);
  outgoing.write(bytes.subarray(0, Math.floor(bytes.byteLength / 2)), () => outgoing.destroy());
}

async function executed(
  door: Door,
  operation: Operation,
  path: string,
  incoming: IncomingMessage,
  body: Uint8Array,
): Promise<Response> {
  const point = `simulator.${door.running.id}.${operation}`;
  await door.boundary?.(`${point}.before`);
  const response = await door.routes.fetch(webRequest(path, incoming, body));
  await door.boundary?.(`${point}.after`);
  return response;
}

function problem(outgoing: ServerResponse, { status, headers, body }: SimAnswerText): Promise<void> {
  const wait = status === 429 && !('retry-after' in headers) ? { 'retry-after': '1' } : {};
  return send(outgoing, new Response(body, { status, headers: { ...headers, ...wait } }));
}

function waited(clock: Clock, seconds: number): Promise<void> {
  return new Promise((resolve) => clock.wakeAt(new Date(clock.now().getTime() + seconds * 1000), resolve));
}
