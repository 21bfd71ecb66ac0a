import jsonata from 'jsonata';
import type { Json } from '../../../functions/platform/table.ts';
import { STEP_FUNCTIONS_EXTRAS } from './jsonata-functions.ts';
import { queryError, StateError } from './state-error.ts';

/** Variables of an expression without their dollar sign: `states`, the workflow's own, and functions. */
export type Bindings = Readonly<Record<string, unknown>>;
/** A compiled JSON value in which every `{% … %}` string is an expression. Throws StateError. */
export type Template = (bindings: Bindings) => Promise<Json>;
/** Compiles a template; throws an Error that says which place in it is wrong. */
export type Compile = (source: unknown) => Template;

const EXPRESSION = /^\{%([\s\S]*)%\}$/;
/** `$` and `$$` alone mean nothing in a state machine, and `$eval` is not there: `$parse` is. */
const NOT_IN_STEP_FUNCTIONS = /\$eval\b/;

/** A compiler that keeps each expression it has seen, so that equal ones are compiled once. */
export function templateCompiler(): Compile {
  const seen = new Map<string, Template>();
  const expression = (text: string): Template => {
    const known = seen.get(text);
    if (known) return known;
    const compiled = compileExpression(text);
    seen.set(text, compiled);
    return compiled;
  };
  return (source) => compileValue(source, '', expression);
}

function compileValue(source: unknown, at: string, expression: (text: string) => Template): Template {
  if (typeof source === 'string') return compileString(source, at, expression);
  if (Array.isArray(source)) {
    const parts = source.map((part, index) => compileValue(part, `${at}[${index}]`, expression));
    return async (bindings) => {
      const values: Json[] = [];
      for (const part of parts) values.push(await part(bindings));
      return values;
    };
  }
  if (typeof source === 'object' && source !== null) return compileObject(source, at, expression);
  return async () => source as Json;
}

function compileObject(source: object, at: string, expression: (text: string) => Template): Template {
  const fields = Object.entries(source).map(([name, value]) => {
    if (name.endsWith('.$')) throw new Error(`${at}.${name}: a JSONPath field, only JSONata is supported`);
    return [name, compileValue(value, `${at}.${name}`, expression)] as const;
  });
  return async (bindings) => {
    const value: Record<string, Json> = {};
    for (const [name, field] of fields) value[name] = await field(bindings);
    return value;
  };
}

function compileString(source: string, at: string, expression: (text: string) => Template): Template {
  const text = EXPRESSION.exec(source)?.[1];
  if (text === undefined) {
    if (/\{%|%\}/.test(source)) throw new Error(`${at}: an expression must fill its string, from {% to %}`);
    return async () => source;
  }
  if (NOT_IN_STEP_FUNCTIONS.test(text)) throw new Error(`${at}: $eval does not exist in Step Functions, use $parse`);
  try {
    return expression(text);
  } catch (cause) {
    throw new Error(`${at}: ${messageOf(cause)}`, { cause });
  }
}

function compileExpression(text: string): Template {
  const compiled = jsonata(text);
  for (const [name, implementation, signature] of STEP_FUNCTIONS_EXTRAS) {
    compiled.registerFunction(name, implementation as (...args: unknown[]) => unknown, signature);
  }
  return async (bindings) => {
    try {
      return plainValue(await compiled.evaluate(undefined, bindings));
    } catch (cause) {
      if (cause instanceof StateError) throw cause;
      throw queryError(`${messageOf(cause)} in ${text.trim()}`);
    }
  };
}

/** What JSON can hold; JSONata's own lists and numbers come out as ordinary ones. */
function plainValue(value: unknown): Json {
  if (typeof value !== 'object' || value === null) {
    if (value === undefined || typeof value === 'function') throw new Error('no value');
    return value as Json;
  }
  if ('_jsonata_function' in value || '_jsonata_lambda' in value) throw new Error('a function is not a value');
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** JSONata throws plain objects with a message, not errors. */
function messageOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : String(cause);
}
