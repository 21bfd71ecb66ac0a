import type * as z from 'zod';
import { type FieldProblem, type GatewayError, InvalidInput, Malformed, NotFound } from '../domain/errors.ts';
import { type Finding, findingsOf, type Place } from './findings.ts';
import { PROBLEMS } from './problem-catalogue.ts';

/** Problems named in one answer at most. */
const NAMED = 30;

/**
 * The parsed value, or the refusal of api-map §13: 400 for what cannot be read (unknown or missing field, wrong type, value
 * outside a closed list), 422 for a broken rule, 404 for a malformed path parameter, since no such thing can exist.
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, place: Place): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refusal(
    parsed.error.issues.flatMap((issue) => findingsOf(issue, value, place)),
    place,
  );
}

/** Only the check for unknown fields, for a value that is not yet in its final form. Throws Malformed. */
export function refuseUnknownFields(schema: z.ZodType, value: unknown): void {
  const issues = schema.safeParse(value).error?.issues ?? [];
  const findings = issues.flatMap((issue) => findingsOf(issue, value, 'body'));
  const unknown = findings.filter((found) => found.problem.code === 'unknown_field');
  if (unknown.length > 0) throw refusal(unknown, 'body');
}

function refusal(findings: readonly Finding[], place: Place): GatewayError {
  if (place === 'path') return new NotFound({ code: 'not_found', detail: 'There is nothing at this address.' });
  const unreadable = findings.filter((found) => found.status === 400);
  const errors = findings.map((found) => found.problem);
  const first = unreadable[0]?.problem ?? errors[0];
  const options = { detail: sentence(first, errors.length - 1), errors: errors.slice(0, NAMED) };
  return unreadable.length > 0
    ? new Malformed({ ...options, code: first?.code ?? 'malformed_json' })
    : new InvalidInput({ ...options, code: sharedCode(errors) });
}

/** A code of its own (`invalid_number`) when all problems share it and it has a page; else `invalid_input`. */
function sharedCode(errors: readonly FieldProblem[]): string {
  const codes = new Set(errors.map((error) => error.code));
  const [only] = codes;
  return codes.size === 1 && only !== undefined && PROBLEMS.has(only) ? only : 'invalid_input';
}

function sentence(first: FieldProblem | undefined, others: number): string {
  const place = first?.pointer ?? first?.parameter ?? 'input';
  return `${place}: ${first?.detail ?? 'is not valid'}${others > 0 ? ` (and ${others} more)` : ''}`;
}
