import type { RawRequest } from '../../functions/carriers/inbound-port.ts';
import { forgedHeaders } from './hot.ts';
import type { Loaded } from './load.ts';
import { SIP } from './load-numbers.ts';

/** Nothing is timed before a genuine call was answered and a forged one refused. */
export async function checkServer(server: Loaded, [call]: readonly RawRequest[]): Promise<void> {
  if (!call) throw new Error('no call');
  const answer = await server.send(call);
  if (answer.status !== 200 || !answer.body.includes(SIP)) throw new Error(`answered ${answer.status}: ${answer.body}`);
  const refusal = await server.send({ ...call, headers: { ...call.headers, ...forgedHeaders(call.headers) } });
  if (refusal.status !== 403) throw new Error(`a forged call is answered ${refusal.status}`);
}
