import type { Manifest } from '../port.ts';

/** What Twilio can do (guidelines and API of 2026). Which types a country really has, the search tells by an empty page. */
export const manifest: Manifest = {
  id: 'twilio',
  name: 'Twilio',
  sdk: 'twilio',
  capabilities: [
    {
      countries: ['US', 'CA'],
      types: ['local', 'toll_free'],
      filters: ['type', 'areaCode', 'region', 'locality', 'pattern', 'features'],
      reserve: false,
      purchase: 'sync',
      papers: true,
      features: ['voice', 'sms', 'mms', 'fax'],
    },
    {
      countries: '*',
      types: ['local', 'national', 'mobile', 'toll_free', 'shared_cost'],
      filters: ['type', 'areaCode', 'locality', 'pattern', 'features'],
      reserve: false,
      purchase: 'sync',
      papers: true,
      features: ['voice', 'sms', 'mms', 'fax'],
    },
  ],
  credentials: [
    { name: 'TWILIO_ACCOUNT_SID', required: true, inbound: true },
    { name: 'TWILIO_AUTH_TOKEN', required: true, inbound: true },
  ],
  concurrency: 20,
};
