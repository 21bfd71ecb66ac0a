import { MANIFESTS } from '../functions/carriers/registry.ts';
import type { Clock } from '../functions/platform/clock.ts';
import type { Secrets } from '../functions/platform/secrets.ts';
import { telnyxSimulator } from './carriers/telnyx/simulator.ts';
import { twilioSimulator } from './carriers/twilio/simulator.ts';
import { vonageSimulator } from './carriers/vonage/simulator.ts';
import { credentialsOf, isReal } from './credentials.ts';
import type { LocalSettings } from './settings.ts';
import { startSimulators } from './simulator.ts';

export interface StartedCarriers {
  readonly url: string;
  close(): Promise<void>;
}
interface Parts {
  readonly settings: LocalSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly gatewayUrl: string;
}

/** All simulated carriers, in the order of the registry. */
export const SIMULATORS = () => [telnyxSimulator(), twilioSimulator(), vonageSimulator()];

/** Starts simulators for the carriers without real credentials; undefined when all are real. */
export async function startCarriers(parts: Parts): Promise<StartedCarriers | undefined> {
  const { settings, env, secrets, clock, gatewayUrl } = parts;
  if (settings.simulatorsUrl) return { url: settings.simulatorsUrl, close: async () => undefined };
  const simulated = MANIFESTS.filter((manifest) => !isReal(manifest, env));
  if (simulated.length === 0) return undefined;
  const found = await Promise.all(simulated.map((manifest) => credentialsOf(manifest, secrets)));
  return startSimulators({
    dataDir: settings.dataDir,
    port: settings.simulatorsPort,
    clock,
    gatewayUrl,
    carriers: SIMULATORS().filter((simulator) => simulated.some((manifest) => manifest.id === simulator.id)),
    credentials: Object.assign({}, ...found),
  });
}
