/** How a carrier has been lately, seen from this process. */
export interface OperationHealth {
  readonly operation: string;
  /** 0–1 over the last exchanges; 1 when there were none. */
  readonly successRate: number;
  readonly p95Ms: number;
  readonly count: number;
}
export interface Health {
  readonly successRate: number;
  readonly p95Ms: number;
  readonly breaker: 'closed' | 'open' | 'half_open';
  readonly operations: readonly OperationHealth[];
}
interface Sample {
  readonly operation: string;
  readonly durationMs: number;
  readonly ok: boolean;
}
const KEPT = 200;

/** Keeps the last exchanges in memory. */
export function healthRecorder() {
  const samples: Sample[] = [];
  return {
    add(operation: string, durationMs: number, ok: boolean) {
      samples.push({ operation, durationMs, ok });
      if (samples.length > KEPT) samples.shift();
    },
    read(breaker: Health['breaker']): Health {
      const names = [...new Set(samples.map((sample) => sample.operation))];
      const operations = names.map((operation) => ({
        operation,
        ...summary(samples.filter((sample) => sample.operation === operation)),
      }));
      const { successRate, p95Ms } = summary(samples);
      return { successRate, p95Ms, breaker, operations };
    },
  };
}

function summary(samples: readonly Sample[]): Omit<OperationHealth, 'operation'> {
  const sorted = samples.map((sample) => sample.durationMs).sort((a, b) => a - b);
  const p95 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? 0;
  const good = samples.filter((sample) => sample.ok).length;
  return {
    successRate: samples.length === 0 ? 1 : good / samples.length,
    p95Ms: Math.round(p95),
    count: samples.length,
  };
}
