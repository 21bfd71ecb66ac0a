import type { Emulator } from './emulator.ts';
import type { Fault, FaultProxy } from './fault-proxy.ts';
import { type Listening, listen } from './listen.ts';
import { received } from './relay.ts';

interface Control {
  readonly emulator: Emulator;
  readonly proxy: FaultProxy;
  /** A journey that waits long has begun: nothing disturbs it any more. */
  begun(): void;
}

/** What the journeys, which run in processes of their own, may ask of the harness. */
export function openControl({ emulator, proxy, begun }: Control): Promise<Listening> {
  const acts: Readonly<Record<string, (given: never) => unknown>> = {
    '/fault': (fault: Fault) => proxy.set(fault),
    '/hits': () => ({ hits: proxy.hits() }),
    '/begun': () => begun(),
    '/heal': () => ({ hits: cleared(proxy) }),
    '/lose-events': ({ of }: { of?: string }) => emulator.loseEventsOf(of),
    '/kill': async ({ name }: { name: string }) => ({ killed: await killed(emulator.functionProcesses(name)) }),
  };
  return listen(async (incoming, outgoing) => {
    const { target, body } = await received(incoming);
    const act = acts[target];
    const answer = await act?.(JSON.parse(body.toString() || '{}') as never);
    outgoing.writeHead(act ? 200 : 404, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(answer ?? {}));
  });
}

function cleared(proxy: FaultProxy): number {
  const hits = proxy.hits();
  proxy.clear();
  return hits;
}

/** These processes are the emulator's, started by us. The emulator needs a moment to see that they are gone. */
async function killed(processes: readonly number[]): Promise<number> {
  for (const pid of processes) process.kill(pid, 'SIGKILL');
  await new Promise((wake) => setTimeout(wake, 300));
  return processes.length;
}
