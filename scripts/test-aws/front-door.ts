import { type Listening, listen } from './listen.ts';
import { received, relay } from './relay.ts';

export interface FrontDoor extends Listening {
  /** From now on requests go to this HTTP API of the emulator. */
  leadTo(emulatorUrl: string, apiId: string): void;
}

/**
 * The address of the installation: what a domain name and TLS are on AWS. It is known before the deployment, since
 * webhook addresses and signatures contain it.
 */
export async function openFrontDoor(): Promise<FrontDoor> {
  const behind: { url?: string; path?: string } = {};
  const listening = await listen(async (incoming, outgoing) => {
    const asked = await received(incoming);
    if (behind.url) return relay(behind.url, { ...asked, target: `${behind.path}${asked.target}` }, outgoing);
    outgoing.writeHead(503).end();
  });
  return {
    ...listening,
    leadTo(emulatorUrl, apiId) {
      behind.url = emulatorUrl;
      // By path: under the API's own host name the emulator answers /health and others itself.
      behind.path = `/_aws/execute-api/${apiId}/$default`;
    },
  };
}
