import * as z from 'zod';

/** Every carrier the gateway knows by name; which of them are built in is the registry's matter. */
export const CarrierId = z.enum([
  'twilio',
  'telnyx',
  'vonage',
  'bandwidth',
  'wavix',
  'voip-ms',
  'questblue',
  'flowroute',
  'voip-innovations',
  'gamma',
  'aire-networks',
  'voxtelesys',
  'voicemeup',
]);
export type CarrierId = z.infer<typeof CarrierId>;
