import type { Case } from './suites.ts';

const KINDS = ['table', 'workflows', 'mailer', 'blobs', 'secrets'] as const;
interface Tally {
  readonly run: number;
  readonly passed: number;
  /** By their own words: the engine cannot be put to this check. */
  readonly skipped: number;
}
interface Contract {
  readonly kind: string;
  /** Different checks that both engines were put to; an engine with several ways to its store is put to each by each. */
  readonly checks: number;
  readonly aws: Tally;
  readonly local: Tally;
}
export interface Report {
  readonly journeys: Tally & { readonly names: readonly string[] };
  /** Checks of the shared suites, by interface. */
  readonly contracts: readonly Contract[];
  /** Everything else that ran on the emulator: the request machine, faults of one engine. */
  readonly others: Tally;
  readonly seconds: Readonly<Record<string, number>>;
  readonly skipped: readonly string[];
  /** Calls of our functions that their roles had no right to: there may be none. */
  readonly refusals: readonly string[];
  /** Secrets that stand in a function's log: there may be none (I14). */
  readonly leaks: readonly string[];
  readonly failed: readonly { readonly file: string; readonly name: string; readonly failure: string }[];
  readonly holds: boolean;
}
interface Ran {
  readonly journeys: readonly Case[];
  readonly aws: readonly Case[];
  /** All cases of the one-machine engine. */
  readonly local: readonly Case[];
  readonly refusals: readonly string[];
  readonly leaks: readonly string[];
  readonly seconds: Readonly<Record<string, number>>;
}

const tally = (cases: readonly Case[]): Tally => ({
  run: cases.length,
  passed: cases.filter(({ outcome }) => outcome === 'passed').length,
  skipped: cases.filter(({ outcome }) => outcome === 'skipped').length,
});

/** What ran, counted. A run in which nothing failed but nothing was run either does not hold. */
export function reportOf({ journeys, aws, local, refusals, leaks, seconds }: Ran): Report {
  const ofKind = (cases: readonly Case[], kind: string): readonly Case[] =>
    cases.filter(({ file }) => new RegExp(`/${kind}(\\.aws)?\\.test\\.ts$`).test(file));
  const contracts = KINDS.map((kind) => {
    const [ours, theirs] = [ofKind(aws, kind), ofKind(local, kind)];
    const known = new Set(theirs.map(({ check }) => check));
    const shared = ours.filter(({ check }) => known.has(check));
    const checks = new Set(shared.map(({ check }) => check));
    const same = theirs.filter(({ check }) => checks.has(check));
    return { kind, shared, aws: tally(shared), local: tally(same) };
  });
  const counted = new Set(contracts.flatMap(({ shared }) => shared));
  const failed = [...journeys, ...aws, ...local].filter(({ outcome }) => outcome === 'failed');
  const skipped = [...journeys, ...aws].filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name);
  const proved = [...journeys, ...aws].filter(({ outcome }) => outcome === 'passed');
  return {
    journeys: { ...tally(journeys), names: journeys.map(({ name }) => name) },
    contracts: contracts.map(({ shared, ...one }) => ({
      ...one,
      checks: new Set(shared.map(({ check }) => check)).size,
    })),
    others: tally(aws.filter((one) => !counted.has(one))),
    seconds,
    ...{ refusals, leaks },
    skipped,
    failed: failed.map(({ file, name, failure }) => ({ file, name, failure })),
    holds: failed.length + skipped.length === 0 && proved.length > 0 && refusals.length + leaks.length === 0,
  };
}

const told = ({ run, passed, skipped }: Tally): string =>
  `${passed} of ${run}${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** The report as rows of a table. */
export function rowsOf({ journeys, contracts, others }: Report): readonly object[] {
  const row = (what: string, aws: Tally, local?: Tally) => ({
    what,
    'on AWS': told(aws),
    'on one machine': local ? told(local) : '',
  });
  return [
    row('journeys', journeys),
    ...contracts.map(({ kind, aws, local }) => row(`contract: ${kind}`, aws, local)),
    row('other checks', others),
  ];
}
