import type { HttpAnswer, HttpRequest } from '../platform/http.ts';
import type { About, Timing } from './exchange.ts';

/** What was seen of the carrier while a piece of work ran, and how the work itself ended. */
export interface Seen<T> {
  /** The last exchange: an answer, or what the transport threw. Absent: nothing was ever sent. */
  readonly last: { readonly answer: HttpAnswer } | { readonly error: unknown } | undefined;
  readonly exchanges: number;
  readonly result: { readonly value: T } | { readonly thrown: unknown };
}
type Send = (request: HttpRequest, about: About, deadline: number) => Promise<HttpAnswer>;

/** Binds a transport to one call (one deadline for all its exchanges) and remembers the last thing it saw. */
export function conversation(send: Send, about: About, timing: Timing) {
  const deadline = timing.monotonicMs() + about.call.timeoutMs;
  return {
    async run<T>(work: (exchange: (request: HttpRequest) => Promise<HttpAnswer>) => Promise<T>): Promise<Seen<T>> {
      let last: Seen<T>['last'];
      let exchanges = 0;
      const exchange = async (request: HttpRequest) => {
        exchanges += 1;
        try {
          const answer = await send(request, about, deadline);
          last = { answer };
          return answer;
        } catch (error) {
          last = { error };
          throw error;
        }
      };
      try {
        const value = await work(exchange);
        return { last, exchanges, result: { value } };
      } catch (thrown) {
        return { last, exchanges, result: { thrown } };
      }
    },
  };
}
