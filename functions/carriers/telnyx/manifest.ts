import type { Manifest } from '../port.ts';

/**
 * What Telnyx can do through its API (specification of July 2026). A place without coverage answers with nothing. Papers are
 * asked of the carrier each time; in the United States and Canada it wants none.
 */
export const manifest: Manifest = {
  id: 'telnyx',
  name: 'Telnyx',
  sdk: 'telnyx',
  capabilities: [
    {
      countries: ['US', 'CA'],
      types: ['local', 'toll_free'],
      filters: ['type', 'areaCode', 'region', 'locality', 'pattern', 'features'],
      reserve: { ttlSeconds: 1800 },
      purchase: 'async',
      papers: false,
      features: ['voice', 'sms', 'mms', 'fax'],
    },
    {
      countries: '*',
      types: ['local', 'national', 'mobile', 'toll_free', 'shared_cost'],
      filters: ['type', 'areaCode', 'locality', 'pattern', 'features'],
      reserve: { ttlSeconds: 1800 },
      purchase: 'async',
      papers: true,
      features: ['voice', 'sms', 'mms', 'fax'],
    },
  ],
  credentials: [
    { name: 'TELNYX_API_KEY', required: true },
    { name: 'TELNYX_PUBLIC_KEY', required: true, inbound: true },
    { name: 'TELNYX_CONNECTION_ID', required: true },
    { name: 'TELNYX_MESSAGING_PROFILE_ID', required: true },
  ],
  // Limits are per endpoint and unpublished; beyond them the answer is 429.
  concurrency: 10,
};
