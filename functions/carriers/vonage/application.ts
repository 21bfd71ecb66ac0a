import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { CarrierClient } from '../client.ts';
import type { Call, Outcome } from '../outcome.ts';
import type { NumberWebhooks } from '../port.ts';

const Webhook = z.looseObject({ address: z.string().optional(), http_method: z.string().optional() });
const Capability = z.looseObject({ webhooks: z.record(z.string(), Webhook).optional() });
/** Everything is kept as it came: a PUT replaces the whole application. */
const Application = z.looseObject({
  name: z.string(),
  keys: z.looseObject({ public_key: z.string().optional() }).optional(),
  capabilities: z
    .looseObject({
      voice: Capability.extend({ signed_callbacks: z.boolean().optional() }).optional(),
      messages: Capability.optional(),
    })
    .optional(),
});
type Application = z.infer<typeof Application>;

export interface ApplicationApi {
  readonly id: string;
  /** The addresses calls and messages go to now. Unsigned webhooks would all be refused, so they count as none. */
  webhooks(call: Call): Promise<Partial<NumberWebhooks>>;
  /** Puts our addresses on the application; writes only when something differs. */
  configure(webhooks: NumberWebhooks, call: Call): Promise<Outcome<undefined>>;
}

/**
 * The application that holds the webhooks of all numbers of the account. Raw requests instead of the SDK: it writes
 * `connection_timeout` as `connect_timeout`, and gives every field back in two spellings, which a PUT would then send.
 */
export function applicationApi(
  api: CarrierClient,
  { apiHost, applicationId }: { readonly apiHost: string; readonly applicationId: string },
  authorization: string,
): ApplicationApi {
  const url = `${apiHost}/v2/applications/${encodeURIComponent(applicationId)}`;
  const headers = { authorization, accept: 'application/json' };
  const read = (call: Call, operation: string) =>
    api.read(call, operation, { method: 'GET', url, headers }, Application);
  return {
    id: applicationId,
    webhooks: async (call) => toWebhooks(await read(call, 'list_owned')),
    async configure(webhooks, call) {
      const present = changeable(await read(call, 'configure'));
      const wanted = withWebhooks(present, webhooks);
      if (isDeepStrictEqual(present, wanted)) return { kind: 'done', value: undefined, refs: {} };
      const request = {
        method: 'PUT',
        url,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(wanted),
      } as const;
      const written = await api.write(call, 'configure', request, Application);
      return written.kind === 'answered' ? { kind: 'done', value: undefined, refs: {} } : written;
    },
  };
}

/** Without what the vendor alone sets. */
function changeable({ id: _id, _links, keys, ...rest }: Application): Application {
  const publicKey = keys?.public_key;
  return publicKey === undefined ? rest : { ...rest, keys: { public_key: publicKey } };
}

/** Time-outs in milliseconds, the longest the vendor allows: the caller waits, and one more attempt costs more. */
function withWebhooks(present: Application, wanted: NumberWebhooks): Application {
  const { voice, messages } = present.capabilities ?? {};
  const patience = { connection_timeout: 1000, socket_timeout: 5000 };
  return {
    ...present,
    capabilities: {
      ...present.capabilities,
      voice: {
        ...voice,
        signed_callbacks: true,
        webhooks: {
          ...voice?.webhooks,
          answer_url: { address: wanted.voiceUrl, http_method: 'POST', ...patience },
          fallback_answer_url: { address: wanted.voiceFallbackUrl, http_method: 'GET', ...patience },
          event_url: {
            address: wanted.statusUrl,
            http_method: 'POST',
            connection_timeout: 1000,
            socket_timeout: 10000,
          },
        },
      },
      messages: {
        ...messages,
        version: 'v1',
        webhooks: {
          ...messages?.webhooks,
          inbound_url: { address: wanted.smsUrl, http_method: 'POST' },
          status_url: { address: wanted.smsUrl, http_method: 'POST' },
        },
      },
    },
  };
}

function toWebhooks({ capabilities }: Application): Partial<NumberWebhooks> {
  const { voice, messages } = capabilities ?? {};
  const voiceUrl = voice?.signed_callbacks === true ? voice.webhooks?.['answer_url']?.address : undefined;
  const voiceFallbackUrl = voice?.webhooks?.['fallback_answer_url']?.address;
  const statusUrl = voice?.webhooks?.['event_url']?.address;
  const smsUrl = messages?.webhooks?.['inbound_url']?.address;
  return {
    ...(voiceUrl !== undefined && { voiceUrl }),
    ...(voiceFallbackUrl !== undefined && { voiceFallbackUrl }),
    ...(statusUrl !== undefined && { statusUrl }),
    ...(smsUrl !== undefined && { smsUrl }),
  };
}
