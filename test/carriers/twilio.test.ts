import { twilio } from '../../functions/carriers/twilio/adapter.ts';
import { manifest } from '../../functions/carriers/twilio/manifest.ts';
import { twilioSimulator } from '../../local/carriers/twilio/simulator.ts';
import { carrierContract } from '../contracts/carrier.ts';
import { testClock } from '../contracts/carrier-start.ts';

const credentials = {
  TWILIO_ACCOUNT_SID: `AC${'0123456789abcdef'.repeat(2)}`,
  TWILIO_AUTH_TOKEN: 'fedcba9876543210fedcba9876543210',
};

carrierContract({
  manifest,
  simulator: twilioSimulator(),
  credentials,
  adapter: ({ credentials: own, baseUrl, ...deps }) =>
    twilio({ credentials: own, baseUrl }, { ...deps, clock: testClock() }),
});
