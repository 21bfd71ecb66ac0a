/** Where a credential stands after this call. */
export interface QuotaState {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends, at least 1. */
  readonly resetSeconds: number;
  readonly exceeded: boolean;
}
/** Counts one call of a credential: in this process, or in a count that several share. */
export type Quota = (credential: string) => QuotaState | Promise<QuotaState>;

const WINDOW_MS = 60_000;
/** Credentials remembered at most; beyond it the oldest window is forgotten, so memory is bounded. */
const REMEMBERED = 20_000;

/**
 * A fixed window of one minute per credential, from its first call. `now` is the wall clock in milliseconds and never the
 * test clock: a quota protects the machine, not a rule of the field (api-map §13).
 */
export function newQuota(limit: number, now: () => number): (credential: string) => QuotaState {
  const windows = new Map<string, { startedAt: number; calls: number }>();
  return (credential) => {
    const at = now();
    const known = windows.get(credential);
    const window = known && at - known.startedAt < WINDOW_MS ? known : { startedAt: at, calls: 0 };
    if (window !== known) {
      windows.delete(credential);
      windows.set(credential, window);
      forgetOldest(windows);
    }
    window.calls++;
    const left = Math.ceil((window.startedAt + WINDOW_MS - at) / 1000);
    return {
      limit,
      remaining: Math.max(0, limit - window.calls),
      resetSeconds: Math.min(60, Math.max(1, left)),
      exceeded: window.calls > limit,
    };
  };
}

function forgetOldest(windows: Map<string, unknown>): void {
  if (windows.size <= REMEMBERED) return;
  const oldest = windows.keys().next();
  if (!oldest.done) windows.delete(oldest.value);
}

/** Headers in the syntax of the IETF draft "RateLimit header fields": a draft, so it is written in this place only. */
export function rateLimitHeaders(state: QuotaState): Readonly<Record<string, string>> {
  return {
    'RateLimit-Policy': `"tenant";q=${state.limit};w=60`,
    RateLimit: `"tenant";r=${state.remaining};t=${state.resetSeconds}`,
  };
}
