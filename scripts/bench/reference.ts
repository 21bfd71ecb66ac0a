import { createRequire } from 'node:module';
import type { RawRequest } from '../../functions/carriers/inbound-port.ts';
import {
  AUTH_TOKEN,
  PUBLIC_URL,
  SIGNATURE_SECRET,
  type SigningCarrier,
  TELNYX_PUBLIC_KEY,
} from '../../test/inbound/signed.ts';
import type { FindRoute, FindRouteLater, Route } from './reference-store.ts';

/**
 * The reference: what a team would write with the vendors' own packages. Express 5 with the Twilio middleware for the
 * server; for each carrier its SDK's verifier and builder (Telnyx publishes no TeXML builder: Twilio's, as its guides do).
 */
const load = createRequire(import.meta.url);
const loadVonage = createRequire(load.resolve('@vonage/server-sdk'));

interface VoiceResponse {
  dial(options: object): { sip(uri: string): void };
  toString(): string;
}
interface Twilio {
  validateRequest(token: string, signature: string, url: string, fields: object): boolean;
  webhook(options: object, token: string): unknown;
  readonly twiml: { readonly VoiceResponse: new () => VoiceResponse };
}
interface TelnyxWebhooks {
  readonly TelnyxWebhook: new (key: string) => { verify(body: string, headers: object): Promise<void> };
}
interface VonageJwt {
  verifySignature(token: string, secret: string): boolean;
}
interface VonageVoice {
  readonly NCCOBuilder: new () => { addAction(action: unknown): { build(): readonly object[] } };
  readonly Connect: new (endpoint: object, ...options: readonly unknown[]) => unknown;
}
interface Answer {
  type(kind: string): { send(body: string): void };
  status(code: number): { end(): void };
}
type Handler = (request: { readonly body: Readonly<Record<string, string>> }, answer: Answer) => void | Promise<void>;
interface Express {
  (): {
    use(part: unknown): void;
    post(path: string, ...handlers: readonly unknown[]): void;
    listen(port: number, host: string, ready: () => void): { address(): { readonly port: number } };
  };
  urlencoded(options: object): unknown;
}

const NEXT = `${PUBLIC_URL}/dialled`;

function twiml(twilio: Twilio, route: Route): string {
  const response = new twilio.twiml.VoiceResponse();
  response.dial({ answerOnBridge: true, timeout: route.timeout, action: NEXT }).sip(route.sip);
  return response.toString();
}

/** Starts the server, a log line a call as ours; the port it listens on. */
export function serveReference(findRoute: FindRoute | FindRouteLater): Promise<number> {
  const express = load('express') as Express;
  const twilio = load('twilio') as Twilio;
  const app = express();
  app.use(express.urlencoded({ extended: false }));
  const answer: Handler = ({ body }, reply) => {
    const found = findRoute(body['To'] ?? '');
    const answerWith = (route: Route | undefined): void => {
      if (!route) {
        reply.status(404).end();
        return;
      }
      console.log(
        JSON.stringify({ time: new Date(), level: 'info', event: 'call', carrier: 'twilio', call: body['CallSid'] }),
      );
      reply.type('text/xml').send(twiml(twilio, route));
    };
    return found instanceof Promise ? found.then(answerWith) : answerWith(found);
  };
  app.post('/inbound/twilio/voice', twilio.webhook({ url: `${PUBLIC_URL}/inbound/twilio/voice` }, AUTH_TOKEN), answer);
  return new Promise((ready) => {
    const server = app.listen(0, '127.0.0.1', () => ready(server.address().port));
  });
}

/** One call, from bytes to document, by the vendors' own code; without HTTP. Throws when it is not genuine. */
export function referenceHandlers(
  findRoute: FindRoute,
): Readonly<Record<SigningCarrier, (call: RawRequest) => Promise<string>>> {
  const twilio = load('twilio') as Twilio;
  const { TelnyxWebhook } = load('telnyx/lib/webhooks') as TelnyxWebhooks;
  const { verifySignature } = loadVonage('@vonage/jwt') as VonageJwt;
  const { NCCOBuilder, Connect } = loadVonage('@vonage/voice') as VonageVoice;
  const textOf = (call: RawRequest): string => Buffer.from(call.body).toString('utf8');
  const routeOf = (number: string | undefined) => {
    const route = findRoute(number ?? '');
    if (!route) throw new Error(`no route of ${number}`);
    return route;
  };
  return {
    async twilio(call) {
      const fields = Object.fromEntries(new URLSearchParams(textOf(call)));
      const signature = call.headers['x-twilio-signature'] ?? '';
      if (!twilio.validateRequest(AUTH_TOKEN, signature, PUBLIC_URL + call.path, fields)) throw new Error('forged');
      return twiml(twilio, routeOf(fields['To']));
    },
    async telnyx(call) {
      const text = textOf(call);
      await new TelnyxWebhook(TELNYX_PUBLIC_KEY).verify(text, call.headers);
      return twiml(twilio, routeOf(new URLSearchParams(text).get('To') ?? ''));
    },
    async vonage(call) {
      const token = call.headers['authorization']?.slice('Bearer '.length) ?? '';
      if (!verifySignature(token, SIGNATURE_SECRET)) throw new Error('forged');
      const { to } = JSON.parse(textOf(call)) as { to: string };
      const { sip, timeout } = routeOf(`+${to}`);
      const connect = new Connect(
        { type: 'sip', uri: sip },
        undefined,
        'synchronous',
        timeout,
        undefined,
        undefined,
        undefined,
        NEXT,
      );
      return JSON.stringify(new NCCOBuilder().addAction(connect).build());
    },
  };
}
