import type { Carrier, SearchPage, SearchWish } from '../../functions/carriers/port.ts';
import { askCarriers } from '../../functions/carriers/search.ts';
import type { CarrierId } from '../../functions/domain/carrier-id.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { compare, type Sample } from './rounds.ts';
import { type Finding, finding } from './shape.ts';

const IDS = ['twilio', 'telnyx', 'vonage'] as const;
/** Milliseconds a carrier takes for its page, and what it has. */
interface Scripted {
  readonly id: (typeof IDS)[number];
  readonly takesMs: number;
  readonly has: number;
}
const WISH: SearchWish = { country: CountryCode.parse('GB'), type: 'local', features: [], limit: 30 };
const DEADLINE_MS = 250;
const SILENT_MS = 1_000;
/** Performance §4: overhead of at most 30 ms for a full page, 50 ms at the deadline. */
const OVERHEAD = { fullPage: 30, deadline: 50 };

/**
 * Search over several carriers against the usual program: all asked at once and all waited for.
 * F1: two carriers fill the page at 60 and 120 ms, the third takes a second. F2: too few numbers, one carrier is silent
 * for a second, the deadline ends it. Values are ratios of wall time; the goals are those of performance §4 as ratios.
 */
export async function measureFanOut(): Promise<readonly Finding[]> {
  const full = await scenario([60, 20], [120, 20], [SILENT_MS, 20]);
  const late = await scenario([60, 5], [120, 5], [SILENT_MS, 20]);
  return [
    finding({
      id: 'F1',
      what: 'wall time of a search whose page fills early: ours ÷ waiting for all carriers',
      value: full.ratio,
      unit: 'ratio',
      goal: (120 + OVERHEAD.fullPage) / SILENT_MS,
      detail: { 'ours ms': full.ours, 'reference ms': full.reference, 'overhead ms': Math.round(full.ours - 120) },
    }),
    finding({
      id: 'F2',
      what: 'wall time of a search with a silent carrier: ours ÷ waiting for all carriers',
      value: late.ratio,
      unit: 'ratio',
      goal: (DEADLINE_MS + OVERHEAD.deadline) / SILENT_MS,
      detail: {
        'ours ms': late.ours,
        'reference ms': late.reference,
        'overhead ms': Math.round(late.ours - DEADLINE_MS),
      },
    }),
  ];
}

async function scenario(...speeds: readonly (readonly [takesMs: number, has: number])[]) {
  const script = IDS.map((id, i): Scripted => ({ id, takesMs: speeds[i]?.[0] ?? 0, has: speeds[i]?.[1] ?? 0 }));
  const found = await compare({
    ours: () => timed(() => ours(script)),
    reference: () => timed(() => reference(script)),
  });
  const ms = (sample: Sample): number => Math.round(sample.wall / 100) / 10;
  return { ratio: found.wallRatio, ours: ms(found.ours), reference: ms(found.reference) };
}

async function ours(script: readonly Scripted[]): Promise<void> {
  const carriers = new Map<CarrierId, Carrier>(script.map((one) => [one.id, carrierOf(one)]));
  const load = async (id: CarrierId): Promise<Carrier> => carriers.get(id) ?? Promise.reject(new Error(id));
  const { answers } = await askCarriers(WISH, IDS, load, {
    signal: new AbortController().signal,
    deadlineMs: DEADLINE_MS,
  });
  if (answers.length !== IDS.length) throw new Error('a carrier’s outcome is missing');
}

async function reference(script: readonly Scripted[]): Promise<void> {
  await Promise.all(script.map((one) => pageOf(one)));
}

/** Only the search is asked for. */
function carrierOf(one: Scripted): Carrier {
  const search: Carrier['search'] = async function* (_wish, call) {
    yield await pageOf(one, call.signal);
  };
  return { id: one.id, search } as Carrier;
}

function pageOf({ id, takesMs, has }: Scripted, signal?: AbortSignal): Promise<SearchPage> {
  const first = 10_000 + 100 * IDS.indexOf(id);
  const offers = Array.from({ length: has }, (_, i) => ({
    number: E164.parse(`+4412235${first + i}`),
    country: WISH.country,
    type: WISH.type,
    features: ['voice' as const],
    premium: false,
    holdable: false,
  }));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve({ offers, appliedBy: {}, dropped: 0 }), takesMs);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

async function timed(work: () => Promise<void>): Promise<Sample> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: user + system, wall };
}
