import type { Clock } from '../../../functions/platform/clock.ts';
import { AnswerLost, type Http, NotSent } from '../../../functions/platform/http.ts';
import type { SimFaults } from './faults.ts';
import type { JsonObject, SimAnswer, SimWebhook } from './simulator-port.ts';
import type { SimTimers } from './timers.ts';

const LATE_SECONDS = 60;
const RETRY_SECONDS = 5;
/** How long a reordered webhook waits for a later one to overtake it. */
const OVERTAKEN_WITHIN_SECONDS = 5;
const TIMEOUT_MS = 15_000;
const NONE: SimAnswer = { status: 0, contentType: '', body: '' };

interface Parts {
  readonly http: Http;
  readonly clock: () => Clock;
  readonly faults: SimFaults;
  readonly timers: () => SimTimers;
  gatewayUrl(): string | undefined;
  sign(hook: SimWebhook, at: Date): Readonly<Record<string, string>>;
}
export interface Deliveries {
  deliver(hook: SimWebhook): Promise<SimAnswer>;
  notify(hook: SimWebhook): void;
  /** A kernel timer: a queued webhook is due. True when it was one. */
  wake(name: string, data: JsonObject): boolean;
  /** Ends when everything under way has ended. */
  settled(): Promise<void>;
}

/** Webhooks to the gateway, with the ways they go wrong (late, twice, out of order, lost). Signed when sent. */
export function deliveries(parts: Parts): Deliveries {
  const underWay = new Set<Promise<unknown>>();
  const queue = (hook: SimWebhook, seconds: number, name: string, attempt: number) =>
    parts.timers().after(seconds, name, { hook: { ...hook }, attempt });
  const sendOnce = (hook: SimWebhook) => send(parts, hook);
  const sendFaulty = async (hook: SimWebhook): Promise<SimAnswer> => {
    const fault =
      hook.topic === 'voice'
        ? undefined
        : parts.faults.takeFirst(['webhook_lost', 'webhook_late', 'webhook_reordered', 'webhook_twice'], undefined);
    if (fault === 'webhook_late') queue(hook, LATE_SECONDS, '_send', 0);
    if (fault === 'webhook_reordered') queue(hook, OVERTAKEN_WITHIN_SECONDS, '_held', 0);
    if (fault && fault !== 'webhook_twice') return NONE;
    const answer = await sendOnce(hook);
    if (fault === 'webhook_twice') await sendOnce(hook);
    parts.timers().fireAll('_held');
    return answer;
  };
  const sendQueued = async (hook: SimWebhook, name: string, attempt: number) => {
    const answer = name === '_notify' && attempt === 0 ? await sendFaulty(hook) : await sendOnce(hook);
    const failed = answer !== NONE && (answer.status < 200 || answer.status > 299);
    if (failed && attempt < (hook.retries ?? 0)) queue(hook, RETRY_SECONDS, '_send', attempt + 1);
  };
  return {
    deliver: sendFaulty,
    notify: (hook) => queue(hook, 0, '_notify', 0),
    wake(name, data) {
      if (!['_notify', '_send', '_held'].includes(name)) return false;
      const work = sendQueued(data['hook'] as unknown as SimWebhook, name, Number(data['attempt']));
      underWay.add(work);
      work.finally(() => underWay.delete(work)).catch(() => undefined);
      return true;
    },
    settled: async () => void (await Promise.allSettled(underWay)),
  };
}

async function send(parts: Parts, hook: SimWebhook): Promise<SimAnswer> {
  const headers = { ...hook.headers, ...parts.sign(hook, parts.clock().now()) };
  const request = { method: hook.method, url: dialled(hook.url, parts.gatewayUrl()), headers };
  try {
    const answer = await parts.http(hook.method === 'GET' ? request : { ...request, body: hook.body }, {
      timeoutMs: TIMEOUT_MS,
      maxBytes: 1024 * 1024,
    });
    return {
      status: answer.status,
      contentType: answer.headers['content-type'] ?? '',
      body: new TextDecoder().decode(answer.body),
    };
  } catch (error) {
    if (error instanceof NotSent || error instanceof AnswerLost)
      return { status: 0, contentType: 'text/plain', body: error.message };
    throw error;
  }
}

/** The configured address, but at the gateway's own door: its public name may not lead anywhere from here. */
function dialled(url: string, gatewayUrl: string | undefined): string {
  if (gatewayUrl === undefined || !URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return `${gatewayUrl}${pathname}${search}`;
}
