import type { Observed } from '../../functions/carriers/client.ts';
import type { Carrier } from '../../functions/carriers/port.ts';
import { telnyx } from '../../functions/carriers/telnyx/adapter.ts';
import { manifest as telnyxManifest } from '../../functions/carriers/telnyx/manifest.ts';
import { twilio } from '../../functions/carriers/twilio/adapter.ts';
import { manifest as twilioManifest } from '../../functions/carriers/twilio/manifest.ts';
import { vonage } from '../../functions/carriers/vonage/adapter.ts';
import { manifest as vonageManifest } from '../../functions/carriers/vonage/manifest.ts';
import { simulatedPublicKey } from '../../local/carriers/telnyx/keys.ts';
import { telnyxSimulator } from '../../local/carriers/telnyx/simulator.ts';
import { twilioSimulator } from '../../local/carriers/twilio/simulator.ts';
import { vonageSimulator } from '../../local/carriers/vonage/simulator.ts';
import { type CarrierSubject, testClock } from '../../test/contracts/carrier-start.ts';

/** A carrier to be judged, and how one sees that a request came out of its official SDK. */
export interface JudgedCarrier {
  readonly subject: CarrierSubject;
  readonly isSdkCall: (seen: Observed) => boolean;
  /** The webhook of the descriptions that a body claims to be; undefined: none is described. */
  readonly webhookName: (path: string, body: unknown) => string | undefined;
}
const contentType = ({ request }: Observed) =>
  Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';

/** The carriers with an official description and an official SDK. */
export function judgedCarriers(): readonly JudgedCarrier[] {
  return [twilioJudged(), telnyxJudged(), vonageJudged()];
}

function twilioJudged(): JudgedCarrier {
  const credentials = {
    TWILIO_ACCOUNT_SID: `AC${'0123456789abcdef'.repeat(2)}`,
    TWILIO_AUTH_TOKEN: 'fedcba9876543210fedcba9876543210',
  };
  return {
    subject: {
      ...{ manifest: twilioManifest, simulator: twilioSimulator(), credentials },
      adapter: ({ baseUrl, http, observe, timing }) =>
        twilio({ credentials, baseUrl }, { http, observe, timing, clock: testClock() }),
    },
    // Files go to a host the SDK does not know.
    isSdkCall: (seen) => !contentType(seen).startsWith('multipart/'),
    webhookName: () => undefined,
  };
}

function telnyxJudged(): JudgedCarrier {
  const apiKey = 'KEY0123456789ABCDEF';
  const credentials = {
    TELNYX_API_KEY: apiKey,
    TELNYX_PUBLIC_KEY: simulatedPublicKey(apiKey),
    TELNYX_CONNECTION_ID: '1593001',
    TELNYX_MESSAGING_PROFILE_ID: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  };
  return {
    subject: {
      ...{ manifest: telnyxManifest, simulator: telnyxSimulator(), credentials },
      adapter: ({ baseUrl, http, observe, timing }) =>
        quotingBefore(telnyx({ credentials, baseUrl }, { http, observe, timing, clock: testClock() })),
      papersMarket: { country: 'SE', type: 'local' },
    },
    isSdkCall: ({ request }) => 'x-stainless-lang' in request.headers,
    webhookName: (_, body) => telnyxWebhook(String((body as { data?: { event_type?: unknown } }).data?.event_type)),
  };
}

/** The gateway asks the price right before an order, and this carrier wants to have been asked (85000). */
function quotingBefore(carrier: Carrier): Carrier {
  const purchase: Carrier['purchase'] = async (order, call) => {
    await carrier.quote(order, call).catch(() => undefined);
    return carrier.purchase(order, call);
  };
  return { ...carrier, purchase };
}

function telnyxWebhook(event: string): string | undefined {
  if (event.startsWith('number_order.')) return 'numberOrderStatusUpdate';
  if (event === 'message.received') return 'inboundMessage';
  if (event.startsWith('message.')) return 'deliveryUpdate';
  return event.startsWith('call.')
    ? event.replace(/[._](\w)/g, (_, letter: string) => letter.toUpperCase())
    : undefined;
}

function vonageJudged(): JudgedCarrier {
  const credentials = {
    VONAGE_API_KEY: 'abcd1234',
    VONAGE_API_SECRET: 'sEcret-of-the-api',
    VONAGE_APPLICATION_ID: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab',
    VONAGE_SIGNATURE_SECRET: 'a-signature-secret-of-32-bytes-ok',
  };
  return {
    subject: {
      ...{ manifest: vonageManifest, simulator: vonageSimulator(), credentials, keepsReference: false },
      adapter: ({ baseUrl, http, observe, timing }) => vonage({ credentials, baseUrl }, { http, observe, timing }),
    },
    // Applications are read and changed as wholes, without the SDK.
    isSdkCall: ({ request }) => !new URL(request.url).pathname.includes('/v2/applications'),
    webhookName: (path, body) => {
      if (!path.includes('/sms')) return undefined;
      return typeof body === 'object' && body !== null && 'msisdn' in body ? 'inbound-sms' : 'inbound-message';
    },
  };
}
