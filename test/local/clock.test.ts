import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shiftedClock, systemClock, testClock } from '../../local/engine/clock.ts';

const DAY = 86_400_000;
const plus = (from: Date, ms: number) => new Date(from.getTime() + ms);

describe('the test clock', () => {
  it('stands still until it is moved', () => {
    const clock = testClock(new Date('2026-03-01T00:00:00Z'));
    const before = clock.now();
    clock.advance(90.5);
    expect(clock.now().getTime() - before.getTime()).toBe(90_500);
    clock.set(new Date('2026-04-01T00:00:00Z'));
    expect(clock.now().toISOString()).toBe('2026-04-01T00:00:00.000Z');
    expect(() => clock.set(before)).toThrow(RangeError);
  });
  it('runs what is due in order, each at its own instant, those added on the way as well', () => {
    const clock = testClock();
    const start = clock.now();
    const ran: string[] = [];
    const note = (name: string) => ran.push(`${name} ${(clock.now().getTime() - start.getTime()) / 1000}`);
    clock.wakeAt(plus(start, 30_000), () => note('c'));
    clock.wakeAt(plus(start, 10_000), () => {
      note('a');
      clock.wakeAt(plus(start, 20_000), () => note('b'));
    });
    clock.wakeAt(plus(start, 30_000), () => note('d'));
    clock.wakeAt(plus(start, 31_000), () => note('too late'));
    clock.advance(30);
    expect(ran).toEqual(['a 10', 'b 20', 'c 30', 'd 30']);
  });
  it('takes a wake back', () => {
    const clock = testClock();
    const wake = vi.fn();
    const cancel = clock.wakeAt(plus(clock.now(), 1000), wake);
    cancel();
    cancel();
    clock.advance(5);
    expect(wake).not.toHaveBeenCalled();
  });
  it('passes time so that work begun by a wake can wait again within the same stretch', async () => {
    const clock = testClock();
    const start = clock.now();
    let days = 0;
    const daily = async () => {
      await Promise.resolve();
      days++;
      clock.wakeAt(plus(clock.now(), DAY), () => void daily());
    };
    clock.wakeAt(plus(start, DAY), () => void daily());
    await clock.pass(30 * 86_400);
    expect(days).toBe(30);
    expect(clock.now()).toEqual(plus(start, 30 * DAY));
  });
  it('runs on by itself when asked to', async () => {
    const clock = testClock(new Date('2026-03-01T00:00:00Z'), { runs: true });
    await new Promise<void>((done) => clock.wakeAt(plus(clock.now(), 20), done));
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(Date.parse('2026-03-01T00:00:00.020Z'));
    const later = vi.fn();
    clock.wakeAt(plus(clock.now(), DAY), later);
    clock.advance(86_400);
    expect(later).toHaveBeenCalledOnce();
  });
});

describe('the system clock', () => {
  beforeEach(() => vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') }));
  afterEach(() => vi.useRealTimers());

  it('wakes after more than 24.8 days, not at once', () => {
    const clock = systemClock();
    const wake = vi.fn();
    clock.wakeAt(plus(clock.now(), 400 * DAY), wake);
    vi.advanceTimersByTime(399 * DAY);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(DAY);
    expect(wake).toHaveBeenCalledOnce();
  });
  it('X1: notices a clock that was put forward, within a minute', () => {
    const clock = systemClock();
    const wake = vi.fn();
    clock.wakeAt(plus(clock.now(), 10 * DAY), wake);
    vi.setSystemTime(plus(clock.now(), 11 * DAY));
    vi.advanceTimersByTime(60_000);
    expect(wake).toHaveBeenCalledOnce();
  });
  it('runs at once what is due already, and keeps many in order', () => {
    const clock = systemClock();
    const ran: number[] = [];
    for (const ms of [50, -10, 20, 20, 5]) clock.wakeAt(plus(clock.now(), ms), () => ran.push(ms));
    vi.advanceTimersByTime(100);
    expect(ran).toEqual([-10, 5, 20, 20, 50]);
  });
  it('goes on after a wake that throws', () => {
    const clock = systemClock();
    const wake = vi.fn();
    clock.wakeAt(plus(clock.now(), 10), () => {
      throw new Error('bug');
    });
    clock.wakeAt(plus(clock.now(), 10), wake);
    expect(() => vi.advanceTimersByTime(20)).toThrow('bug');
    vi.advanceTimersByTime(20);
    expect(wake).toHaveBeenCalledOnce();
  });
});

describe('S2-15 S2-30 S4-14: the shifted clock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let path: string;
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') });
    path = join(folder, `${Math.random()}.json`);
  });
  afterEach(() => vi.useRealTimers());

  it('runs on with the machine, shifted, and stays shifted over a restart', () => {
    const clock = shiftedClock(path);
    expect(clock.now()).toEqual(new Date());
    expect(clock.advanceSeconds(86_400).toISOString()).toBe('2026-01-02T00:00:00.000Z');
    vi.advanceTimersByTime(5000);
    expect(clock.now().toISOString()).toBe('2026-01-02T00:00:05.000Z');
    expect(shiftedClock(path).now()).toEqual(clock.now());
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ shiftMs: DAY });
  });
  it('lets timers fall due, in order, and waits for the others', () => {
    const clock = shiftedClock(path);
    const ran: number[] = [];
    for (const days of [3, 1, 5]) clock.wakeAt(plus(clock.now(), days * DAY), () => ran.push(days));
    clock.advanceTo(plus(clock.now(), 4 * DAY));
    expect(ran).toEqual([1, 3]);
    vi.advanceTimersByTime(DAY);
    expect(ran).toEqual([1, 3, 5]);
  });
  it('does not go back, nor less than a second on', () => {
    const clock = shiftedClock(path);
    const refused = (act: () => unknown) => expect(act).toThrow(expect.objectContaining({ status: 422 }));
    refused(() => clock.advanceTo(plus(clock.now(), -1)));
    for (const seconds of [0, 0.5, -5, Number.NaN, Number.POSITIVE_INFINITY])
      refused(() => clock.advanceSeconds(seconds));
    expect(clock.now()).toEqual(new Date());
  });
});
