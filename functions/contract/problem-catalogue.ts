import catalogue from './problem-catalogue.json' with { type: 'json' };

/** What a caller is told about a code: on its page, and as title of the problem document. */
export interface ProblemEntry {
  readonly status: number;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  /** `no`: a repeat gives the same; `later`: may help as it is; `after_change`: once the call is corrected. */
  readonly retry: 'no' | 'later' | 'after_change';
}

/** Every code of the interface (api-map, api-conventions), by name. */
export const PROBLEMS: ReadonlyMap<string, ProblemEntry> = new Map(
  Object.entries(catalogue).map(([code, entry]) => [code, { ...entry, retry: toRetry(entry.retry) }]),
);

function toRetry(text: string): ProblemEntry['retry'] {
  return text === 'later' || text === 'after_change' ? text : 'no';
}
