import { type FieldProblem, InvalidInput, Malformed } from '../domain/errors.ts';

const DEEPEST = 20;
const MOST_KEYS = 200;
/** Free texts, in which people write line breaks. */
const FREE_TEXTS = new Set([
  'answer',
  'comment',
  'description',
  'detail',
  'notes',
  'purposeNote',
  'question',
  'reason',
  'remark',
  'text',
]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL_BUT_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

type Path = readonly (string | number)[];

/** JSON pointer fragment of a path (`#/numbers/0`). */
export function pointerOf(path: Path): string {
  const parts = path.map((part) => encodeURI(String(part).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')));
  return ['#', ...parts].join('/');
}

/**
 * A JSON value with every text in Unicode form C, after the checks of reliability §6: at most 20 deep, 200 members an
 * object, no control characters (line breaks in free texts only), no half surrogates. Throws InvalidInput, Malformed.
 */
export function cleanJson(value: unknown, path: Path = []): unknown {
  if (typeof value === 'string') return cleanText(value, path);
  if (typeof value !== 'object' || value === null) return value;
  if (path.length >= DEEPEST) refuse('too_deep', path, `JSON may be nested ${DEEPEST} deep.`);
  if (Array.isArray(value)) return value.map((item, index) => cleanJson(item, [...path, index]));
  const entries = Object.entries(value);
  if (entries.length > MOST_KEYS) refuse('too_many_keys', path, `An object may have ${MOST_KEYS} members.`);
  return Object.fromEntries(entries.map(([key, item]) => [cleanKey(key, path), cleanJson(item, [...path, key])]));
}

/** One text of the query, under the same rules. */
export function cleanParameter(parameter: string, text: string): string {
  const cleaned = text.normalize('NFC');
  if (!cleaned.isWellFormed() || CONTROL.test(cleaned)) {
    refuseWith({ parameter, code: 'control_character', detail: 'holds a control character' });
  }
  return cleaned;
}

function cleanText(text: string, path: Path): string {
  const name = path.findLast((part) => typeof part === 'string');
  const forbidden = typeof name === 'string' && FREE_TEXTS.has(name) ? CONTROL_BUT_LINES : CONTROL;
  if (!text.isWellFormed() || forbidden.test(text)) {
    refuse('control_character', path, 'holds a control character, or half of a character');
  }
  return text.normalize('NFC');
}

function cleanKey(key: string, path: Path): string {
  if (key === '__proto__') {
    const error = { pointer: pointerOf([...path, key]), code: 'unknown_field', detail: 'is not a field' };
    throw new Malformed({ code: 'unknown_field', detail: `${error.pointer} is not a field.`, errors: [error] });
  }
  return cleanText(key, [...path, key]);
}

function refuse(code: string, path: Path, detail: string): never {
  refuseWith({ pointer: pointerOf(path), code, detail });
}

function refuseWith(error: FieldProblem): never {
  const place = error.pointer ?? error.parameter;
  throw new InvalidInput({ code: error.code, detail: `${place}: ${error.detail}`, errors: [error] });
}
