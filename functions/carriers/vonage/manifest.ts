import type { Manifest } from '../port.ts';

/**
 * What Vonage can do through its API. Any country may be asked about; one without stock answers with nothing. No papers:
 * countries that want them answer 420 at purchase and are requested in the dashboard (vonage.md §4). No reservation.
 */
export const manifest: Manifest = {
  id: 'vonage',
  name: 'Vonage',
  sdk: '@vonage/server-sdk',
  capabilities: [
    {
      countries: '*',
      types: ['local', 'mobile', 'toll_free'],
      filters: ['type', 'areaCode', 'pattern', 'features'],
      reserve: false,
      purchase: 'sync',
      papers: false,
      features: ['voice', 'sms', 'mms'],
    },
  ],
  credentials: [
    { name: 'VONAGE_API_KEY', required: true, inbound: true },
    { name: 'VONAGE_API_SECRET', required: true },
    { name: 'VONAGE_APPLICATION_ID', required: true, inbound: true },
    { name: 'VONAGE_SIGNATURE_SECRET', required: true, inbound: true },
  ],
  // The vendor publishes no limit for the numbers API; one to three requests a second are known to be well.
  concurrency: 3,
};
