import type { ServerResponse } from 'node:http';
import { type Listening, listen } from './listen.ts';
import { type Received, received, relay } from './relay.ts';

/** What goes wrong with calls of functions to the table, the secrets or the mail service. */
export interface Fault {
  /** Every one of these texts is in the operation's name or the request's body. */
  readonly match: readonly string[];
  /**
   * `throttled` and `failing`: refused by the service, as AWS says it. `slow`: executed late, if anybody waits for it still.
   * `lost`: executed, the line drops. `gone`: the line drops at once.
   */
  readonly is: 'throttled' | 'failing' | 'slow' | 'lost' | 'gone';
  /** How many calls it hits; default all until it is taken away. */
  readonly times?: number;
  /** 2: every second of these calls, beginning with the first; default each. */
  readonly every?: number;
  /** For `slow`, milliseconds. */
  readonly ms?: number;
}
export interface FaultProxy extends Listening {
  set(fault: Fault): void;
  clear(): void;
  /** How many calls were hit since the last `clear`. */
  hits(): number;
}

const REFUSALS = {
  throttled: [400, 'com.amazonaws.dynamodb.v20120810#ThrottlingException', 'Rate exceeded'],
  failing: [500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', 'Internal server error'],
} as const;

/** Stands between functions and the emulator's table, secrets and mail. */
export async function openFaultProxy(emulatorUrl: () => string): Promise<FaultProxy> {
  const state = { faults: [] as { fault: Fault; left: number; seen: number }[], hits: 0 };
  const taken = (asked: Received): Fault | undefined => {
    const text = `${String(asked.headers['x-amz-target'])} ${asked.body.toString()}`;
    const found = state.faults.find(({ fault, left }) => left > 0 && fault.match.every((part) => text.includes(part)));
    if (!found || found.seen++ % (found.fault.every ?? 1) !== 0) return undefined;
    found.left -= 1;
    state.hits += 1;
    return found.fault;
  };
  const listening = await listen(async (incoming, outgoing) => {
    const asked = await received(incoming);
    const fault = taken(asked);
    if (!fault) return relay(emulatorUrl(), asked, outgoing);
    return harm(fault, emulatorUrl(), asked, outgoing);
  });
  return {
    ...listening,
    set: (fault) => void state.faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY, seen: 0 }),
    clear: () => void Object.assign(state, { faults: [], hits: 0 }),
    hits: () => state.hits,
  };
}

async function harm(fault: Fault, emulatorUrl: string, asked: Received, outgoing: ServerResponse): Promise<void> {
  switch (fault.is) {
    case 'gone':
      return void outgoing.destroy();
    case 'slow':
      await new Promise((wake) => setTimeout(wake, fault.ms ?? 5000));
      return outgoing.destroyed ? undefined : relay(emulatorUrl, asked, outgoing);
    case 'lost': {
      const { method, headers, body } = asked;
      const { host: _h, connection: _c, 'content-length': _l, ...kept } = headers as Record<string, string>;
      await fetch(emulatorUrl + asked.target, { method, headers: kept, body: new Uint8Array(body) });
      return void outgoing.destroy();
    }
    case 'throttled':
    case 'failing': {
      const [status, type, message] = REFUSALS[fault.is];
      outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      outgoing.end(JSON.stringify({ __type: type, message }));
    }
  }
}
