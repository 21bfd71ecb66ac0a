import type { CallPlan, VoiceEvent } from '../carriers/inbound-port.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import type { E164 } from '../domain/e164.ts';
import { type AskedFor, apologyPlan, holdPlan, type NextAddress, neutralPlan, planFor } from '../routing/plan.ts';
import type { InboundDeps } from './deps.ts';
import { storeRecording } from './events.ts';
import type { FindRoute, Route } from './routes-kept.ts';
import { openStep, type Step, sealedIn, sealStep } from './step-seal.ts';

export interface Voice {
  readonly deps: InboundDeps;
  readonly findRoute: FindRoute;
}
interface Asking {
  readonly carrier: CarrierId;
  readonly event: VoiceEvent;
  /** Query of the request as received. */
  readonly query: string;
  /** Newest first; two during a rotation. */
  readonly sealKeys: readonly string[];
}

/** What is to happen to a call that a carrier asks about: one keyed read, no write (a recording left is filed). */
export function planCall(voice: Voice, asking: Asking): Promise<CallPlan> {
  const sealed = sealedIn(asking.query);
  return sealed === undefined ? firstPlan(voice, asking) : laterPlan(voice, asking, sealed);
}

async function firstPlan(voice: Voice, { carrier, event, sealKeys }: Asking): Promise<CallPlan> {
  const number = event.called;
  if (number === undefined) {
    voice.deps.log.warn('call_answered', { carrier, to: 'unreadable' });
    return neutralPlan;
  }
  const route = await voice.findRoute(number, carrier);
  return planOf(voice, { carrier, number, route, sealKeys, asked: { place: 0 } });
}

/** The seal names the number: of a dial that ended, a carrier may tell whom we dialled instead of who was called. */
async function laterPlan(voice: Voice, { carrier, event, sealKeys }: Asking, sealed: string): Promise<CallPlan> {
  const { deps } = voice;
  const step = openStep(sealed, carrier, sealKeys, deps.clock.now());
  if (!step) {
    deps.log.warn('step_refused', { carrier });
    return event.lastStep === 'completed' ? { steps: [{ do: 'hangup' }] } : apologyPlan;
  }
  // The seal says how long: whoever waits is read nothing for.
  if (typeof step.place === 'object') return holdPlan(step.place.hold);
  const route = await voice.findRoute(step.number, carrier);
  const entry = route.source === 'down' ? undefined : route.entry;
  if (step.place === 'recorded' && entry) await storeRecording(deps, carrier, event, entry);
  const { lastStep } = event;
  const asked = { place: step.place, version: step.version, ...(lastStep === undefined ? {} : { lastStep }) };
  return planOf(voice, { carrier, number: step.number, route, sealKeys, asked });
}

interface Planning {
  readonly carrier: CarrierId;
  readonly number: E164;
  readonly route: Route;
  readonly sealKeys: readonly string[];
  readonly asked: AskedFor;
}

function planOf({ deps }: Voice, { carrier, number, route, sealKeys, asked }: Planning): CallPlan {
  if (route.source === 'down') return apologyPlan;
  const { entry } = route;
  deps.log.info('call_answered', {
    carrier,
    to: entry ? entry.numberId : `…${number.slice(-3)}`,
    // A line is paid for by its length: what is as usual is left out.
    ...(entry?.state === 'active' ? {} : { state: entry?.state ?? 'unknown' }),
    ...(asked.place === 0 ? {} : { place: asked.place }),
    ...(route.source === 'table' ? {} : { source: route.source }),
  });
  const now = deps.clock.now();
  const key = sealKeys.find((text) => text !== '');
  const next: NextAddress = (place, version) => {
    const step: Step = { number, place, version };
    return key && `${deps.settings.publicUrl}/inbound/${carrier}/voice?s=${sealStep(step, carrier, key, now)}`;
  };
  return planFor(entry, asked, next);
}
