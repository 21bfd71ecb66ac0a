import type { Carrier } from '../../functions/carriers/port.ts';
import { telnyx } from '../../functions/carriers/telnyx/adapter.ts';
import { manifest } from '../../functions/carriers/telnyx/manifest.ts';
import { simulatedPublicKey } from '../../local/carriers/telnyx/keys.ts';
import { telnyxSimulator } from '../../local/carriers/telnyx/simulator.ts';
import { carrierContract } from '../contracts/carrier.ts';
import { testClock } from '../contracts/carrier-start.ts';

const apiKey = 'KEY0123456789ABCDEF';
const credentials = {
  TELNYX_API_KEY: apiKey,
  TELNYX_PUBLIC_KEY: simulatedPublicKey(apiKey),
  TELNYX_CONNECTION_ID: '1593001',
  TELNYX_MESSAGING_PROFILE_ID: 'mp-0001',
};

/** The price is asked right before an order, as the workflow does: that is also what an order needs here (85000). */
function quotingBefore(carrier: Carrier): Carrier {
  return {
    ...carrier,
    async purchase(order, call) {
      await carrier.quote(order, call).catch(() => undefined);
      return carrier.purchase(order, call);
    },
  };
}

carrierContract({
  manifest,
  simulator: telnyxSimulator(),
  credentials,
  adapter: ({ baseUrl, http, observe, timing }) =>
    quotingBefore(telnyx({ credentials, baseUrl }, { http, observe, timing, clock: testClock() })),
  // In Germany an order without papers waits instead of being refused.
  papersMarket: { country: 'SE', type: 'local' },
});
