/** What happened, in order, with ids replaced by the order in which they first appear: equal runs have equal traces. */
export interface Trace {
  note(who: string, what: string): void;
  readonly lines: readonly string[];
}

const ID = /\b(req|tkt|tsk|num|out|ten|usr|mail|ext)_[0-9a-z]{26}\b/g;

export function traceOf(now: () => Date, keeps: boolean): Trace {
  const lines: string[] = [];
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const nameOf = (id: string, prefix: string): string => {
    const known = names.get(id);
    if (known) return known;
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    names.set(id, `${prefix}${count}`);
    return `${prefix}${count}`;
  };
  return {
    note(who, what) {
      if (!keeps) return;
      const at = now().toISOString().slice(11, 23);
      lines.push(`${at}  ${who.padEnd(28)} ${what}`.replaceAll(ID, nameOf));
    },
    lines,
  };
}
