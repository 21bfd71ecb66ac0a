import type { ErrorName } from '../domain/errors.ts';
import type { JsonSchema, SchemaBook } from './openapi-schemas.ts';
import { PROBLEMS } from './problem-catalogue.ts';
import type { Route } from './route.ts';

const STATUSES: Readonly<Record<ErrorName, readonly number[]>> = {
  Malformed: [400],
  NotSignedIn: [401],
  NotAllowed: [403],
  NotFound: [404],
  Conflict: [409],
  Stale: [412],
  PreconditionRequired: [428],
  TooLarge: [413],
  InvalidInput: [422],
  TooMany: [429],
  CarrierBusy: [503, 504],
  NumberUnavailable: [409],
  CarrierUnusable: [502],
  DocumentsRequired: [422],
  CarrierRefused: [422],
};
const CARRIER_CODES: Partial<Record<ErrorName, readonly string[]>> = {
  CarrierBusy: ['rate_limited', 'carrier_down', 'timeout'],
  NumberUnavailable: ['not_available', 'owned_by_other', 'reservation_expired'],
  CarrierUnusable: ['auth', 'insufficient_funds', 'malformed_reply'],
  DocumentsRequired: ['documents_required', 'document_rejected', 'address_invalid'],
  CarrierRefused: ['bad_number', 'restricted_country', 'not_portable'],
};
const SUCCESS: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made; `Location` says where.',
  202: 'Taken on; the object itself says how far it is, and `Location` where it is.',
  204: 'Done; nothing to send.',
  207: 'One status per item.',
  503: 'Not ready.',
};

/** Codes that follow from how an operation is declared, beside those it names itself. */
function generalCodes(route: Route): string[] {
  const signedIn = route.roles !== 'public';
  const codes = ['unknown_parameter', 'repeated_parameter', 'control_character', 'internal_error', 'unavailable'];
  if (signedIn) codes.push('credential_missing', 'invalid_token', 'token_expired', 'invalid_api_key', 'quota_exceeded');
  if (signedIn) codes.push('not_allowed', 'tenant_required', 'not_found');
  if (route.keyScope) codes.push('missing_scope');
  if (route.params) codes.push('not_found');
  if (route.query) codes.push('missing_parameter', 'wrong_type', 'value_not_allowed', 'invalid_input');
  if (route.query && 'cursor' in route.query.shape) codes.push('bad_cursor', 'cursor_mismatch');
  if (route.method !== 'get') codes.push('body_too_large', 'malformed_json', 'unknown_field', 'conflict');
  if (route.body) codes.push('missing_field', 'wrong_type', 'value_not_allowed', 'invalid_input');
  if (route.body) codes.push('too_deep', 'too_many_keys');
  if (route.idempotency === 'required') codes.push('idempotency_key_required');
  if (route.method === 'post' && signedIn) {
    codes.push('idempotency_key_invalid', 'idempotency_key_reused', 'idempotency_in_progress');
  }
  if (takesIfMatch(route)) codes.push('invalid_header', 'stale_version');
  if (route.ifMatch === 'required') codes.push('precondition_required');
  return codes;
}

export const takesIfMatch = (route: Route): boolean =>
  route.ifMatch !== undefined || route.method === 'patch' || route.method === 'put';

/** Every answer of an operation: success, and each status of a refusal with its codes. */
export function answersOf(route: Route, book: SchemaBook): Readonly<Record<string, JsonSchema>> {
  const first = route.status ?? (route.returns ? 200 : 204);
  const successes = [first, ...(route.otherStatuses ?? [])].map((status) => [status, success(route, book, status)]);
  const carrierCodes = route.errors.flatMap((name) => CARRIER_CODES[name] ?? []);
  const codes = [...new Set([...generalCodes(route), ...carrierCodes, ...(route.codes ?? [])])];
  const named = codes.flatMap((code) => PROBLEMS.get(code)?.status ?? []);
  const statuses = new Set([...named, ...route.errors.flatMap((name) => STATUSES[name])]);
  const refusals = [...statuses].map((status) => [status, refusal(route, book, status, codes)]);
  return Object.fromEntries([...refusals, ...successes]);
}

const header = (name: string) => ({ $ref: `#/components/headers/${name}` });

function success(route: Route, book: SchemaBook, status: number): JsonSchema {
  const names = ['Request-Id', ...(route.roles === 'public' ? [] : ['RateLimit-Policy', 'RateLimit'])];
  if (status === 201 || status === 202) names.push('Location');
  if (takesIfMatch(route) && status !== 204) names.push('ETag');
  if (route.method === 'post' && route.roles !== 'public') names.push('Idempotency-Replayed');
  if (route.prefersWait) names.push('Preference-Applied');
  const headers = Object.fromEntries(names.map((name) => [name, header(name)]));
  const description = SUCCESS[status] ?? 'Done.';
  if (!route.returns || status === 204) return { description, headers };
  return {
    description,
    headers,
    content: { [route.produces ?? 'application/json']: { schema: returned(route, book) } },
  };
}

function returned(route: Route, book: SchemaBook): JsonSchema {
  return route.returns ? book.use(route.returns, 'output') : {};
}

function refusal(route: Route, book: SchemaBook, status: number, codes: readonly string[]): JsonSchema {
  const here = codes.filter((code) => PROBLEMS.get(code)?.status === status);
  const names = ['Request-Id', ...(status === 429 || status === 503 ? ['Retry-After'] : [])];
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const alsoOurs = route.otherStatuses?.some((other) => other === status) && !route.produces;
  return {
    description: here.length > 0 ? `Codes: ${here.map((code) => `\`${code}\``).join(', ')}.` : 'A problem document.',
    headers: Object.fromEntries(names.map((name) => [name, header(name)])),
    content: alsoOurs ? { ...problem, 'application/json': { schema: returned(route, book) } } : problem,
  };
}
