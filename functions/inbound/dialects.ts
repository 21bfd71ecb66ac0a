import { telnyxDialect } from '../carriers/telnyx/dialect.ts';
import { twilioDialect } from '../carriers/twilio/dialect.ts';
import { vonageDialect } from '../carriers/vonage/dialect.ts';
import type { InboundDialects } from './deps.ts';
import { HOLD_MUSIC_PATH } from './hold-music.ts';

/**
 * Every carrier that posts to us: its dialect, and the secrets its verification needs.
 * @param publicUrl this installation's address as carriers reach it, without trailing slash
 */
export function inboundDialects(publicUrl: string): InboundDialects {
  return {
    twilio: {
      dialect: twilioDialect(),
      secrets: {
        TWILIO_ACCOUNT_SID: 'carriers/twilio/account-sid',
        TWILIO_AUTH_TOKEN: 'carriers/twilio/auth-token',
      },
    },
    telnyx: { dialect: telnyxDialect, secrets: { TELNYX_PUBLIC_KEY: 'carriers/telnyx/public-key' } },
    vonage: {
      dialect: vonageDialect({ holdMusicUrl: `${publicUrl}${HOLD_MUSIC_PATH}` }),
      secrets: {
        VONAGE_SIGNATURE_SECRET: 'carriers/vonage/signature-secret',
        VONAGE_API_KEY: 'carriers/vonage/api-key',
        VONAGE_APPLICATION_ID: 'carriers/vonage/application-id',
      },
    },
  };
}
