import { Malformed } from '../domain/errors.ts';
import { beginIdempotent, fingerprintOf, type RunningCall, type StoredAnswer } from '../platform/idempotency.ts';
import type { Write } from '../platform/table.ts';
import type { ApiDeps } from './api-deps.ts';
import { type Rendered, render } from './render.ts';
import type { Route } from './route.ts';

/** A call under an idempotency key, or without one. */
export interface Once {
  readonly replay: StoredAnswer | undefined;
  readonly key: string | undefined;
  complete(answer: unknown): readonly Write[];
  /** Keeps the answer unless the handler's own transaction did. */
  settle(rendered: Rendered): Promise<void>;
  /** The call was refused or broke: the key is free again (refused input, 5xx and 429 are not stored). */
  abandon(): Promise<void>;
}
interface OnceOptions {
  readonly deps: ApiDeps;
  readonly route: Route;
  readonly key: string | undefined;
  readonly tenantId: string | undefined;
  readonly caller: string | undefined;
  readonly sent: unknown;
}

const withoutKey: Once = {
  replay: undefined,
  key: undefined,
  complete: () => [],
  settle: async () => undefined,
  abandon: async () => undefined,
};

/** The key of a POST; a dry run takes none, since it does nothing. Throws Malformed. */
export function readKey(route: Route, header: string | undefined, dryRun: boolean): string | undefined {
  if (route.method !== 'post' || route.roles === 'public' || dryRun) return undefined;
  if (header === undefined || header === '') {
    if (route.idempotency !== 'required') return undefined;
    const detail = 'Send Idempotency-Key with a fresh random value, and the same with every repeat of this call.';
    throw new Malformed({ code: 'idempotency_key_required', detail });
  }
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return header;
  const detail = 'Idempotency-Key takes 1 to 255 visible ASCII characters.';
  throw new Malformed({ code: 'idempotency_key_invalid', detail });
}

/** Takes the key before the handler runs. Throws Conflict, InvalidInput (see `beginIdempotent`). */
export async function beginOnce(of: OnceOptions): Promise<Once> {
  if (of.key === undefined) return withoutKey;
  const { deps, route, key } = of;
  const begun = await beginIdempotent(deps.table, () => deps.clock.now(), {
    tenant: of.tenantId ?? 'platform',
    operation: route.operationId,
    key,
    fingerprint: fingerprintOf([route.operationId, of.caller, of.sent]),
  });
  if ('replay' in begun) return { ...withoutKey, key, replay: begun.replay };
  return running(of, key, begun.running);
}

function running({ deps, route }: OnceOptions, key: string, call: RunningCall): Once {
  let kept = false;
  const guarded = async (what: string, act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      // The work is done or refused either way: the caller gets that answer, and the marker runs out by itself.
      deps.log.error(what, error, { operation: route.operationId });
    }
  };
  return {
    replay: undefined,
    key,
    complete(answer) {
      kept = true;
      return [call.complete(render(route, answer))];
    },
    async settle(rendered) {
      if (rendered.status >= 400) return guarded('idempotency_forget_failed', () => call.forget());
      if (!kept) await guarded('idempotency_store_failed', () => deps.table.write([call.complete(rendered)]));
    },
    abandon: () => guarded('idempotency_forget_failed', () => call.forget()),
  };
}
