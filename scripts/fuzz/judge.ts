import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Call } from './calls.ts';
import type { Document, Operation, Schema } from './document.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly requestId: string | null;
  readonly text: string;
}
/** What is wrong with an answer, in words; undefined: nothing. */
export type Judge = (operation: Operation, call: Call, answer: Answer) => string | undefined;

const INSIDE = /\bat .*\.[jt]s:\d+|node_modules|SQLITE|\[object Object\]|TypeError|ZodError/;
/** Codes of 400 a call may get though its shape is right: what they judge is not in the document. */
const NOT_BY_SHAPE = ['tenant_required', 'invalid_cursor', 'cursor_mismatch', 'cursor_expired', 'not_clean'];

/** Judges answers by the document alone: status and shape documented, nothing invalid accepted, nothing valid called malformed. */
export function judgeBy(document: Document): Judge {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components: document.components } as object);
  const seen = new WeakMap<Schema, ValidateFunction>();
  const same = new Map<string, ValidateFunction>();
  const compiled = (schema: Schema): ValidateFunction => {
    const text = JSON.stringify(schema);
    const known = same.get(text) ?? ajv.compile(pointed(schema) as object);
    same.set(text, known);
    return known;
  };
  const check = (schema: Schema): ValidateFunction => {
    const known = seen.get(schema) ?? compiled(schema);
    seen.set(schema, known);
    return known;
  };
  return (operation, call, answer) =>
    wrongAnswer(operation, answer, check) ?? wrongVerdict(operation, call, answer, check);
}

/** References as ajv finds them. */
const pointed = (schema: Schema): unknown =>
  JSON.parse(JSON.stringify(schema), (name, value) => (name === '$ref' ? `document${String(value)}` : value));

function wrongAnswer(
  operation: Operation,
  answer: Answer,
  check: (schema: Schema) => ValidateFunction,
): string | undefined {
  const { status, type, text, requestId } = answer;
  if (status >= 500) return `status ${status}`;
  if (INSIDE.test(text)) return 'tells its inside';
  if (!/^[0-9a-z]{26}$/.test(requestId ?? '')) return 'no Request-Id';
  const media = operation.answers.get(String(status)) ?? operation.answers.get(`${String(status)[0]}XX`);
  if (!media) return `undocumented status ${status}`;
  if (media.size === 0) return text === '' ? undefined : `a body with ${status}`;
  const schema = media.get(type);
  if (!schema) return `undocumented media type ${type} with ${status}`;
  if (!type.endsWith('json')) return undefined;
  const validate = check(schema);
  if (validate(parsed(text))) return undefined;
  const [error] = validate.errors ?? [];
  return `answer ${status} does not match its schema: ${error?.instancePath} ${error?.message}`;
}

function wrongVerdict(
  operation: Operation,
  call: Call,
  answer: Answer,
  check: (schema: Schema) => ValidateFunction,
): string | undefined {
  const isAccepted = answer.status < 400;
  if (call.kind === 'valid') {
    const code = (parsed(answer.text) as { code?: string } | undefined)?.code ?? '';
    return answer.status === 400 && !NOT_BY_SHAPE.includes(code) ? `a valid call called malformed: ${code}` : undefined;
  }
  const declared = operation.parameters.filter((one) => one.in === 'query').map((one) => one.name);
  const unknown = call.query.find(([name]) => !declared.includes(name));
  if (isAccepted && unknown) return `an unknown parameter accepted: ${unknown[0]}`;
  if (!isAccepted || call.kind !== 'near' || !operation.body || call.json === undefined) return undefined;
  if (check(operation.body)(withoutNulls(call.json)) || check(operation.body)(call.json)) return undefined;
  return 'an invalid body accepted';
}

/** Absent and null mean the same, which a schema cannot say. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => (one === null ? [] : [[name, withoutNulls(one)]])),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
