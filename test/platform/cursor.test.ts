import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type CursorBinding, openCursor, sealCursor } from '../../functions/platform/cursor.ts';

const key = randomBytes(32);
const now = new Date('2026-01-15T09:00:00Z');
const binding: CursorBinding = {
  tenantId: 'ten_1',
  route: 'GET /v1/numbers',
  query: { country: ['GB', 'IE'], sort: '-updatedAt' },
};
const position = 'TEN#1/NUMBER#99';
const sealed = sealCursor({ position, binding, key, now });
const opening =
  (more: Partial<Parameters<typeof openCursor>[0]> = {}) =>
  () =>
    openCursor({ cursor: sealed, binding, key, now, ...more });
const refusal = (code: string) => expect.objectContaining({ name: 'Malformed', status: 400, code });

describe('sealed cursors', () => {
  it('give the position back', () => {
    expect(opening()()).toBe(position);
  });
  it('show nothing, use URL-safe characters, and differ each time', () => {
    expect(sealed).toMatch(/^[\w-]+$/);
    expect(sealed.length).toBeLessThan(250);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('NUMBER');
    expect(sealCursor({ position, binding, key, now })).not.toBe(sealed);
  });
  it('do not care for the order of parameters, nor for absent ones', () => {
    const query = { sort: '-updatedAt', q: undefined, country: ['GB', 'IE'] };
    expect(opening({ binding: { ...binding, query } })()).toBe(position);
  });
  it.each([
    { ...binding, tenantId: 'ten_2' },
    { ...binding, tenantId: undefined },
    { ...binding, route: 'GET /v1/number-requests' },
    { ...binding, query: { ...binding.query, sort: 'updatedAt' } },
    { ...binding, query: { ...binding.query, country: ['GB'] } },
    { ...binding, query: { ...binding.query, q: '777' } },
    { ...binding, query: {} },
  ])('I7: are refused with %j', (other) => {
    expect(opening({ binding: other })).toThrow(refusal('cursor_mismatch'));
  });
  it('are good for 24 hours', () => {
    expect(opening({ now: new Date(now.getTime() + 86_399_999) })()).toBe(position);
    expect(opening({ now: new Date(now.getTime() + 86_400_000) })).toThrow(refusal('bad_cursor'));
  });
  it('are refused when any byte is changed, cut or added', () => {
    const bytes = Buffer.from(sealed, 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(opening({ cursor: changed.toString('base64url') })).toThrow(refusal('bad_cursor'));
      expect(opening({ cursor: bytes.subarray(0, at).toString('base64url') })).toThrow(refusal('bad_cursor'));
    }
    expect(opening({ cursor: `${sealed}AAAA` })).toThrow(refusal('bad_cursor'));
  });
  it.each(['', 'x', '!!!', 'eyJwayI6IlRFTiMyIn0', 'A'.repeat(9999), '\u0000'])(
    'are refused when they are none: %s',
    (cursor) => {
      expect(opening({ cursor })).toThrow(refusal('bad_cursor'));
    },
  );
  it('of another installation are refused', () => {
    expect(opening({ key: randomBytes(32) })).toThrow(refusal('bad_cursor'));
  });
});
