import * as z from 'zod';

const Ledger = z.object({
  number: z.string(),
  state: z.enum(['available', 'reserved', 'pending', 'owned', 'released']),
  reference: z.string().optional(),
  purchases: z.int(),
  monthly: z.object({ amount: z.string(), currency: z.string() }),
  country: z.string().optional(),
  locality: z.string().optional(),
});
export type LedgerEntry = z.infer<typeof Ledger>;
const Logged = z.object({ method: z.string(), path: z.string(), body: z.unknown(), at: z.string() });
export type LoggedRequest = z.infer<typeof Logged>;
const Papers = z.object({ id: z.string(), reference: z.string(), state: z.string(), reason: z.string().optional() });
/** What the gateway answered a carrier; status 0: it could not be asked. */
const Answer = z.object({ status: z.int(), contentType: z.string(), body: z.string() });
export type CarrierAnswer = z.infer<typeof Answer>;

/** The simulated carriers would not do it. */
export class SimulatorRefused extends Error {
  override readonly name = 'SimulatorRefused';
}

/** The `_control` interface of the simulated carriers (api-map §1): what people may see there and do to them. */
export interface Simulators {
  ledger(carrier: string, state?: LedgerEntry['state']): Promise<readonly LedgerEntry[]>;
  /** Every request that reached the carrier, oldest first. */
  requests(carrier: string): Promise<readonly LoggedRequest[]>;
  fault(carrier: string, wish: { fault: string; times?: number; on?: string }): Promise<void>;
  faults(carrier: string): Promise<readonly { fault: string; times: number }[]>;
  call(carrier: string, wish: { from: string; to: string }): Promise<CarrierAnswer>;
  message(carrier: string, wish: { from: string; to: string; text: string }): Promise<CarrierAnswer>;
  papersByHand(carrier: string, on: boolean): Promise<void>;
  papers(carrier: string): Promise<readonly z.infer<typeof Papers>[]>;
  verdict(
    carrier: string,
    wish: { reference: string; verdict: 'approved' | 'rejected'; reason?: string },
  ): Promise<void>;
}

/** @param url root of the simulators, as `http://127.0.0.1:3001` */
export function simulators(url: string, send: typeof fetch = fetch): Simulators {
  async function ask<S extends z.ZodType>(shape: S, path: string, body?: unknown): Promise<z.output<S>> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await send(`${url}/_control/${path}`, body === undefined ? {} : init);
    const text = await response.text();
    if (!response.ok) throw new SimulatorRefused(detailOf(text) ?? `${response.status} ${text.slice(0, 200)}`);
    return shape.parse(JSON.parse(text));
  }
  const list = async <S extends z.ZodType>(item: S, path: string): Promise<readonly z.output<S>[]> =>
    (await ask(z.object({ data: z.array(item) }), path)).data;
  const act = async (path: string, body: unknown): Promise<void> => void (await ask(z.unknown(), path, body));
  return {
    ledger: (carrier, state) => list(Ledger, `${carrier}/numbers${state === undefined ? '' : `?state=${state}`}`),
    requests: (carrier) => list(Logged, `${carrier}/requests`),
    fault: (carrier, wish) => act(`${carrier}/faults`, wish),
    faults: (carrier) => list(z.object({ fault: z.string(), times: z.int() }), `${carrier}/faults`),
    call: (carrier, wish) => ask(Answer, `${carrier}/calls`, wish),
    message: (carrier, wish) => ask(Answer, `${carrier}/messages`, wish),
    papersByHand: (carrier, on) => act(`${carrier}/papers`, { mode: on ? 'manual' : 'automatic' }),
    papers: (carrier) => list(Papers, `${carrier}/papers`),
    verdict: (carrier, wish) => act(`${carrier}/papers`, wish),
  };
}

function detailOf(text: string): string | undefined {
  try {
    return z.object({ detail: z.string() }).parse(JSON.parse(text)).detail;
  } catch {
    return undefined;
  }
}
