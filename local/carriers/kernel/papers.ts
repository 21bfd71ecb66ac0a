import type { SimFaults } from './faults.ts';
import type { JsonObject, SimPapers, SimPapersStore, SimRecords } from './simulator-port.ts';

const REVIEW_SECONDS = 2;
const PAPERS = '_papers';

export interface PapersReview extends SimPapersStore {
  byHand(on: boolean): void;
  /** Ends a review; undefined when there are no such papers. */
  verdict(idOrReference: string, verdict: 'approved' | 'rejected', reason: string | undefined): SimPapers | undefined;
  /** A kernel timer: the review of these papers is over. True when it was one. */
  wake(name: string, data: JsonObject): boolean;
}
interface Parts {
  readonly records: SimRecords;
  readonly faults: SimFaults;
  after(seconds: number, name: string, data: JsonObject): void;
  reviewed(papers: SimPapers): void;
}

/** Review of papers: by itself after two seconds, or by hand through `_control`. */
export function papersReview({ records, faults, after, reviewed }: Parts): PapersReview {
  const list = () => records.list<JsonObject>(PAPERS).map((data) => data as unknown as SimPapers);
  const save = (papers: SimPapers) => records.put(PAPERS, papers.id, { ...papers });
  // The newest of several sets under one reference is the one that counts.
  const find = (key: string) =>
    list().find((papers) => papers.id === key) ?? list().findLast((papers) => papers.reference === key);
  const isByHand = () => records.get('_settings', 'papers')?.['byHand'] === true;
  const end = (papers: SimPapers, state: 'approved' | 'rejected', reason: string | undefined) => {
    const { reason: _, ...rest } = papers;
    const judged: SimPapers = { ...rest, state, ...(reason === undefined ? {} : { reason }) };
    save(judged);
    reviewed(judged);
    return judged;
  };
  return {
    list,
    find,
    save,
    byHand: (on) => records.put('_settings', 'papers', { byHand: on }),
    handIn(id) {
      const papers = find(id);
      if (!papers) return;
      const { reason: _, ...rest } = papers;
      save({ ...rest, state: 'in_review' });
      if (!isByHand()) after(REVIEW_SECONDS, '_review', { id: papers.id });
    },
    verdict(key, verdict, reason) {
      const papers = find(key);
      return papers && end(papers, verdict, verdict === 'rejected' ? (reason ?? 'incomplete') : undefined);
    },
    wake(name, data) {
      if (name !== '_review') return false;
      const papers = find(String(data['id']));
      if (papers?.state !== 'in_review' || isByHand()) return true;
      const rejected = faults.take('papers_rejected', 'papers') || faults.take('papers_rejected', 'order');
      end(papers, rejected ? 'rejected' : 'approved', rejected ? 'The document cannot be read.' : undefined);
      return true;
    },
  };
}
