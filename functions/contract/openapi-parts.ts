import type { JsonSchema } from './openapi-schemas.ts';

const text = (description: string, more: JsonSchema = {}) => ({ description, schema: { type: 'string', ...more } });

/** Response headers, once for all operations. */
export const HEADERS: Readonly<Record<string, JsonSchema>> = {
  'Request-Id': text('This HTTP request; also `requestId` of a problem.'),
  'RateLimit-Policy': text('Calls a minute per credential (IETF draft "RateLimit header fields").'),
  RateLimit: text('Calls left, and seconds until the minute ends.'),
  'Retry-After': { description: 'Seconds to wait before a repeat.', schema: { type: 'integer', minimum: 1 } },
  Location: text('Address of the object.', { format: 'uri-reference' }),
  ETag: text('Version of the object; send it back as `If-Match`.'),
  'Idempotency-Replayed': text('`true` when this is the stored answer of the first call.', { const: 'true' }),
  'Preference-Applied': text('The `wait` that was granted; absent when the answer came at once.'),
};

/** `*`, or ETags with their quotes, as `readIfMatch` takes them. */
const ETAGS = '^(\\*|(W/)?"[\\x21\\x23-\\x7e]*"( *, *(W/)?"[\\x21\\x23-\\x7e]*")*)$';

/** Request headers, referred to by the operations that take them. */
export const PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  GatewayTenant: {
    name: 'Gateway-Tenant',
    in: 'header',
    description:
      'For whom staff act, `ten_…`; required of staff on everything a tenant owns (400 `tenant_required`). ' +
      'The tenant of its own people and keys comes from their credential.',
    schema: { type: 'string' },
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'The same value with every repeat of this call; kept 7 days.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  },
  IdempotencyKeyRequired: {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description: 'The same value with every repeat of this call; kept 7 days. Not needed with `dryRun=true`.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The `ETag` of the object as it was read; another version answers 412.',
    schema: { type: 'string', pattern: ETAGS },
  },
  IfMatchRequired: {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: 'The `ETag` of the object as it was read: missing answers 428, another version 412.',
    schema: { type: 'string', pattern: ETAGS },
  },
  Prefer: {
    name: 'Prefer',
    in: 'header',
    description:
      '`wait=20` holds the answer up to that many seconds (at most 25, on AWS 20) until the object needs nobody any more. Where too many wait already it comes at once; `Preference-Applied` tells what was granted.',
    schema: { type: 'string', examples: ['wait=20'] },
  },
};

const place = { pointer: { type: 'string' }, parameter: { type: 'string' } };
const named = { code: { type: 'string' }, detail: { type: 'string' } };

/** RFC 9457, with our members. Further members may come. */
export const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'Why a call was refused. Programs test `code`; `title` and `detail` are for people and may change.',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance', 'requestId'],
  properties: {
    type: {
      type: 'string',
      format: 'uri',
      description: 'Address of a page on this code: cause, remedy, whether to retry.',
    },
    title: { type: 'string' },
    status: { type: 'integer' },
    ...named,
    instance: { type: 'string' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['code', 'detail'],
        properties: { ...place, ...named, rule: { type: 'string' }, remedy: { type: 'string' } },
      },
    },
    carrier: {
      type: 'object',
      description: 'Only where a carrier refused.',
      required: ['name', 'retryable'],
      properties: {
        name: { type: 'string' },
        code: { type: 'string' },
        message: { type: 'string' },
        retryable: { type: 'boolean' },
      },
    },
  },
};

export const SECURITY: Readonly<Record<string, JsonSchema>> = {
  accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'OIDC access token of a person.' },
  apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'gw_live_…', description: 'API key with scopes.' },
};

export const DESCRIPTION = `Numbers of many carriers, asked for once.

- Identifiers are opaque text; times are RFC 3339 in UTC; money is a decimal text with its currency.
- **Enums are open**: values may be added within a major version, so accept those you do not know. The same holds for fields.
- Absent and \`null\` mean the same. Unknown fields and parameters are refused; no member of anything may be called \`__proto__\`.
- Lists go forward by \`page.nextCursor\`, which is good for 24 hours and for the same filters only.
- Errors are problem documents (RFC 9457); \`code\` is the stable name, its page says cause and remedy.
- A tenant_admin may do what a customer may, an operator what customer_success may, except decide requests.`;
