import type { Dialect } from '../inbound-port.ts';
import { parseEvent } from './events.ts';
import { renderNcco } from './ncco.ts';
import { verifySignature } from './signature.ts';
import { tokenReader } from './token.ts';

/**
 * Vonage's inbound side: JSON under a signed token, calls answered with an NCCO. `node:crypto` only. The legacy SMS
 * webhooks (`moHttpUrl`) are absent: their signature is optional, unhurried by time and ambiguous (vonage.md §6.4);
 * messages come through the application's Messages API, and an unsigned request is refused.
 */
export function vonageDialect(options: { readonly holdMusicUrl?: string } = {}): Dialect {
  const readToken = tokenReader();
  return {
    id: 'vonage',
    verify: (_kind, request, secrets, { now }) => verifySignature(request, secrets, now, readToken),
    parse: parseEvent,
    render: (plan) => renderNcco(plan, options.holdMusicUrl),
    /** An empty NCCO would end the call, so an event on the voice address that needs no answer gets no document either. */
    acknowledge: (kind) => ({ status: kind === 'sms' ? 200 : 204, headers: {}, body: '' }),
  };
}
