import { Malformed, PreconditionRequired, Stale } from '../domain/errors.ts';

/** Versions named by `If-Match`; `any` is `*`, which names no version. */
export interface IfMatch {
  readonly any: boolean;
  readonly versions: readonly number[];
}

const LIST = /^\s*(W\/)?"[\x21\x23-\x7e]*"(\s*,\s*(W\/)?"[\x21\x23-\x7e]*")*\s*$/;

/** Strong ETag of a version. */
export const etagOf = (version: number): string => `"${version}"`;

/** Reads `If-Match`. A weak or foreign tag matches nothing (RFC 9110: strong comparison). Throws Malformed. */
export function readIfMatch(header: string | undefined): IfMatch | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  if (header.trim() === '*') return { any: true, versions: [] };
  if (!LIST.test(header)) {
    throw new Malformed({ code: 'invalid_header', detail: 'If-Match is not an ETag: send it with its quotes.' });
  }
  const tags = header.match(/(W\/)?"[^"]*"/g) ?? [];
  return { any: false, versions: tags.map((tag) => (/^"\d{1,15}"$/.test(tag) ? Number(tag.slice(1, -1)) : -1)) };
}

/** 428 when the header is required and names no version, 412 `stale_version` when it names others than the present one. */
export function checkIfMatch(
  given: IfMatch | undefined,
  rule: 'required' | 'accepted' | undefined,
  version: number,
  present?: unknown,
): void {
  if (rule === 'required' && (given === undefined || given.any)) {
    const detail = 'Send If-Match with the ETag of the object as you read it.';
    throw new PreconditionRequired({ code: 'precondition_required', detail });
  }
  if (given === undefined || given.any || given.versions.includes(version)) return;
  throw new Stale({
    code: 'stale_version',
    detail: `The present version is ${version}.`,
    extra: { presentVersion: version, ...(present === undefined ? {} : { present }) },
  });
}

/** Longest wait granted: an answer must leave before the gateway in front gives up at 29 s. */
const LONGEST_WAIT = 25;

/** Seconds of `Prefer: wait=n` (RFC 7240); anything unreadable is ignored, as that document asks. */
export function readWait(prefer: string | undefined): number | undefined {
  const found = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(prefer ?? '');
  return found ? Math.min(Number(found[1]), LONGEST_WAIT) : undefined;
}
