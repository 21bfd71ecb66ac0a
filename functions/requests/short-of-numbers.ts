import type { BuyDeps } from './buy-deps.ts';
import { withdraw } from './hold-numbers.ts';
import type { Intent } from './intent-schema.ts';
import type { Claimed } from './purchase-schema.ts';
import { saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

/**
 * Not enough before the first order left: claims are given back; a named number that is gone is asked about
 * (`choose_another_number`, 7 days), everything else ends as `not_enough_numbers` with nothing bought (api-map §13).
 */
export async function shortOfNumbers(
  deps: BuyDeps,
  request: NumberRequest,
  intents: readonly Intent[],
  missing: readonly number[],
): Promise<Claimed> {
  for (const intent of intents)
    if (intent.state === 'recorded')
      await withdraw(deps, intent, { code: 'not_enough_numbers', detail: 'Not all of the numbers could be had.' });
  const gone = missing.flatMap((item) => request.named[item]?.number ?? []);
  return gone.length > 0 ? askForAnother(deps, request, gone) : fail(deps, request, missing.length);
}

async function askForAnother(deps: BuyDeps, request: NumberRequest, gone: readonly string[]): Promise<Claimed> {
  const at = deps.clock.now();
  const text = `${gone.join(', ')} ${gone.length > 1 ? 'were' : 'was'} just taken. Choose another number.`;
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, () => ({
    move: {
      action: 'choose_another_number',
      actor: SYSTEM,
      at,
      fields: {
        state: 'info_requested',
        waitingFor: 'customer',
        resumesTo: 'sourcing',
        agreedAt: undefined,
        orderedAt: undefined,
        question: {
          code: 'choose_another_number',
          text,
          fields: ['numbers'],
          numbers: [...gone],
          askedAt: at.toISOString(),
        },
      },
      steps: [
        ['sourcing', 'failed', text],
        ['information', 'waiting'],
      ],
    },
  }));
  return { outcome: 'choose_again', items: [] };
}

async function fail(deps: BuyDeps, request: NumberRequest, missing: number): Promise<Claimed> {
  const at = deps.clock.now();
  const failure = {
    code: 'not_enough_numbers',
    detail: `${missing} of ${request.quantity} numbers could not be found; nothing was bought.`,
  };
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, () => ({
    move: {
      action: 'failed',
      actor: SYSTEM,
      at,
      fields: { state: 'failed', waitingFor: 'nobody', failure },
      steps: [['sourcing', 'failed', failure.detail]],
    },
  }));
  return { outcome: 'ended', items: [] };
}
