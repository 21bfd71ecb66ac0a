export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One JSON line a decision. Never bodies, tokens, secrets or papers; numbers masked (reliability §7). */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** `cause` is reduced to name, code and stack before it is written. */
  error(event: string, cause: unknown, fields?: LogFields): void;
}
