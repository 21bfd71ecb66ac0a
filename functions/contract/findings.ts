import type * as z from 'zod';
import { E164 } from '../domain/e164.ts';
import type { FieldProblem } from '../domain/errors.ts';
import { pointerOf } from './hygiene.ts';

export type Place = 'body' | 'query' | 'path';
/** One thing wrong, and whether it could not be read (400) or breaks a rule (422). */
export interface Finding {
  readonly status: 400 | 422;
  readonly problem: FieldProblem;
}
type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];
interface Spot {
  readonly path: Path;
  readonly value: unknown;
  readonly place: Place;
}

/** What a zod issue means to the caller. `root` is the whole value that was checked. */
export function findingsOf(issue: Issue, root: unknown, place: Place, above: Path = []): Finding[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'symbol' ? part.toString() : part))];
  const spot: Spot = { path, place, value: valueAt(root, path) };
  switch (issue.code) {
    case 'invalid_type':
      return [typeFinding(issue, spot)];
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey({ ...spot, path: [...path, key] }));
    case 'invalid_value':
      return [valueFinding(issue.values.map(String), spot)];
    case 'invalid_union':
      return unionFindings(issue, root, spot);
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((inner) => findingsOf(inner, root, place, path));
    case 'custom':
      return [customFinding(issue, spot)];
    case 'invalid_format':
      return [formatFinding(issue, spot)];
    default:
      return [sizeFinding(issue, spot)];
  }
}

/** Where the path goes on below a value that is no object (a text that was split, say), that value. */
function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value === 'object' && value !== null)
      return Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined;
    return value;
  }, root);
}

function finding(status: 400 | 422, spot: Spot, problem: Omit<FieldProblem, 'pointer' | 'parameter'>): Finding {
  const where = spot.place === 'query' ? { parameter: String(spot.path[0] ?? '') } : { pointer: pointerOf(spot.path) };
  return { status, problem: { ...where, ...problem } };
}

const unknownKey = (spot: Spot): Finding =>
  spot.place === 'query'
    ? finding(400, spot, { code: 'unknown_parameter', detail: 'is not a parameter here', remedy: 'Leave it out.' })
    : finding(400, spot, { code: 'unknown_field', detail: 'is not a field here', remedy: 'Leave it out.' });

const missing = (spot: Spot): Finding =>
  spot.place === 'query'
    ? finding(400, spot, { code: 'missing_parameter', detail: 'is required', remedy: 'Add it.' })
    : finding(400, spot, { code: 'missing_field', detail: 'is required', remedy: 'Add it.' });

function typeFinding(issue: z.core.$ZodIssueInvalidType, spot: Spot): Finding {
  if (spot.value === undefined) return missing(spot);
  if (issue.expected === 'int' && typeof spot.value === 'number') {
    const rule = { rule: 'whole_number', remedy: 'Send a whole number.' };
    return finding(422, spot, { code: 'not_whole', detail: 'is not a whole number', ...rule });
  }
  const expected = issue.expected === 'record' ? 'object' : issue.expected;
  return finding(400, spot, { code: 'wrong_type', detail: `is not of type ${expected}`, remedy: `Send ${expected}.` });
}

function valueFinding(allowed: readonly string[], spot: Spot): Finding {
  if (spot.value === undefined) return missing(spot);
  if (typeof spot.value === 'object') {
    return finding(400, spot, { code: 'wrong_type', detail: 'is not a single value', remedy: 'Send one value.' });
  }
  const shown = allowed.slice(0, 30).join(', ');
  const remedy = `Send one of: ${shown}.`;
  return finding(400, spot, { code: 'value_not_allowed', detail: 'is none of the values allowed', remedy });
}

function unionFindings(issue: z.core.$ZodIssueInvalidUnion, root: unknown, spot: Spot): Finding[] {
  if (spot.value === undefined) return [missing(spot)];
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  if (issue.errors.length === 0) return [valueFinding(options, spot)];
  const branches = issue.errors.map((inner) => inner.flatMap((one) => findingsOf(one, root, spot.place, spot.path)));
  // The branch the caller most likely meant: readable before unreadable, then the fewest problems.
  const weight = (branch: readonly Finding[]) =>
    (branch.some((found) => found.problem.code === 'wrong_type' && isAt(found, spot)) ? 1000 : 0) + branch.length;
  return branches.toSorted((a, b) => weight(a) - weight(b))[0] ?? [];
}

function isAt(found: Finding, spot: Spot): boolean {
  return found.problem.pointer === pointerOf(spot.path);
}

function customFinding(issue: z.core.$ZodIssueCustom, spot: Spot): Finding {
  const { status, code } = issue.params ?? {};
  const named = typeof code === 'string' ? code : 'rule_broken';
  return finding(status === 400 ? 400 : 422, spot, { code: named, detail: issue.message });
}

const numberPattern = patternOf(E164.safeParse('').error?.issues[0]);
function patternOf(issue: Issue | undefined): string | undefined {
  return issue?.code === 'invalid_format' ? issue.pattern : undefined;
}

function formatFinding(issue: z.core.$ZodIssueInvalidStringFormat, spot: Spot): Finding {
  if (issue.pattern !== undefined && issue.pattern === numberPattern) {
    const remedy = 'Send the number in E.164, like +441223555010.';
    return finding(422, spot, { code: 'invalid_number', detail: 'is not a number in E.164', rule: 'e164', remedy });
  }
  const expected = issue.format === 'regex' ? issue.message : `a valid ${issue.format}`;
  const rule = issue.format === 'regex' ? `pattern ${issue.pattern ?? ''}` : `format ${issue.format}`;
  return finding(422, spot, { code: 'wrong_format', detail: `is not ${expected}`, rule, remedy: `Send ${expected}.` });
}

type SizeIssue = z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall | z.core.$ZodIssueNotMultipleOf;
const UNITS: Readonly<Record<string, readonly [unit: string, over: string, under: string, rule: string]>> = {
  string: [' characters', 'too_long', 'too_short', '_length'],
  array: [' items', 'too_many', 'too_few', '_items'],
  set: [' items', 'too_many', 'too_few', '_items'],
  map: [' members', 'too_many', 'too_few', '_members'],
};

function sizeFinding(issue: SizeIssue, spot: Spot): Finding {
  if (issue.code === 'not_multiple_of') {
    const detail = `is not a multiple of ${issue.divisor}`;
    return finding(422, spot, { code: 'not_multiple', detail, rule: `multiple_of ${issue.divisor}` });
  }
  const [unit, over, under, suffix] = UNITS[issue.origin] ?? ['', 'too_large', 'too_small', ''];
  const big = issue.code === 'too_big';
  const verb = unit === '' ? 'be' : 'have';
  const bound = big ? issue.maximum : issue.minimum;
  const bar = `${issue.inclusive === false ? (big ? 'less than' : 'more than') : big ? 'at most' : 'at least'} ${bound}${unit}`;
  const rule = `${big ? 'max' : 'min'}${suffix} ${bound}`;
  return finding(422, spot, { code: big ? over : under, detail: `must ${verb} ${bar}`, rule, remedy: `Send ${bar}.` });
}
