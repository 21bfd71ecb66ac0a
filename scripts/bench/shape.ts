/** One line of the report. `value` is a ratio to the reference unless `unit` says otherwise; smaller is better. */
export interface Finding {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: 'ratio' | 'ms';
  /** `value` must be at most this. */
  readonly goal: number;
  readonly holds: boolean;
  readonly detail: Readonly<Record<string, number | string>>;
}

export function finding(line: Omit<Finding, 'holds'>): Finding {
  const value = rounded(line.value);
  const goal = rounded(line.goal);
  return { ...line, value, goal, holds: value <= goal };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
