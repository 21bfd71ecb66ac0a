import type { NumberRequest } from './schema.ts';

/** How a request ends of which nothing was bought. */
export type EarlyEnd = NonNullable<NumberRequest['givenUp']>;

/**
 * The rest of a request was given up after orders had begun (a raised price refused or lapsed, a limit hit): no further
 * order leaves, those that are open come to their end, then CloseRequest says what it came to (DESIGN §3, I4).
 */
export const isGivenUp = (request: Pick<NumberRequest, 'givenUp'>): boolean => request.givenUp !== undefined;

/** Fields of a request that ends as `end`: at once while nothing was ordered, else when its orders have ended. Pure. */
export function endedEarly(
  request: Pick<NumberRequest, 'orderedAt'>,
  end: EarlyEnd,
): Pick<Partial<NumberRequest>, 'state' | 'waitingFor' | 'agreedAt' | 'givenUp' | 'resumesTo'> {
  if (request.orderedAt === undefined) return { state: end, waitingFor: 'nobody' };
  return { state: 'ordering', waitingFor: 'carrier', agreedAt: undefined, givenUp: end, resumesTo: undefined };
}
