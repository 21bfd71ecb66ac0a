import { describe, expect, it } from 'vitest';
import { CarrierBusy } from '../../functions/domain/errors.ts';
import { jsonLog, masked } from '../../functions/platform/json-log.ts';
import { testClock } from '../../local/engine/clock.ts';

function start(level?: 'warn') {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  return { lines, log: jsonLog({ stream, clock: testClock(), ...(level ? { level } : {}) }) };
}

describe('the log', () => {
  it('writes one JSON line a decision', () => {
    const { lines, log } = start();
    log.info('number_bought', { requestId: 'req_1', durationMs: 12, ok: true, none: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      timestamp: '2026-01-15T09:00:00.000Z',
      level: 'info',
      event: 'number_bought',
      requestId: 'req_1',
      durationMs: 12,
      ok: true,
    });
  });
  it('escapes what a terminal would obey or a reader of lines would take for a new one', () => {
    const { lines, log } = start();
    log.warn('odd', { name: 'a\nb\r\u001b[31m\u0085\u2028\u202e\u007f' });
    expect(lines[0]).toMatch(/^[\u0020-\u007e]+\n$/);
    expect(JSON.parse(lines[0] ?? '').name).toBe('a\nb\r\u001b[31m\u0085\u2028\u202e\u007f');
  });
  it('lets no field pass for timestamp, level or event', () => {
    const { lines, log } = start();
    log.info('real', { event: 'fake', level: 'error', timestamp: 'never' });
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      timestamp: '2026-01-15T09:00:00.000Z',
      event: 'real',
      level: 'info',
    });
  });
  it.each([
    ['+441223978062', '+*********062'],
    ['call from +44 1223 978-062 to sip:441223978062@host', 'call from +** **** ***-062 to sip:*********062@host'],
    ['/v1/numbers/%2B441223978062', '/v1/numbers/%2B*********062'],
    ['2026-01-15T09:00:00.000Z', '2026-01-15T09:00:00.000Z'],
    ['req_01k12345678901234567890123', 'req_01k12345678901234567890123'],
    ['file.ts:123:45 took 123456 ms', 'file.ts:123:45 took 123456 ms'],
  ])('masks numbers to the last three digits: %s', (text, shown) => {
    expect(masked(text)).toBe(shown);
  });
  it('reduces an error to name, code and stack, with its cause', () => {
    const { lines, log } = start();
    const cause = Object.assign(new Error('reset by +441223978062'), { code: 'ECONNRESET', token: 'sesame' });
    log.error(
      'carrier_failed',
      new CarrierBusy({ code: 'carrier_down', detail: 'gone', cause, extra: { key: 'sesame' } }),
    );
    const line = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ level: 'error', event: 'carrier_failed', error: 'CarrierBusy', code: 'carrier_down' });
    expect(line.stack).toContain('caused by Error: reset by +*********062');
    expect(lines[0]).not.toContain('sesame');
  });
  it('shows only the kind of what is thrown but is no error', () => {
    const { lines, log } = start();
    log.error('odd', { password: 'sesame' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: 'object' });
    expect(lines[0]).not.toContain('sesame');
  });
  it('cuts long texts and leaves out what is below its level', () => {
    const { lines, log } = start('warn');
    log.info('quiet');
    log.warn('loud', { text: 'x'.repeat(10_000) });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.length).toBeLessThan(700);
  });
});
