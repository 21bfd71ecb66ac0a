import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HOLD_MUSIC_PATH, holdMusic } from '../../functions/inbound/hold-music.ts';
import { CALLER, entry, house, NUMBER, route } from './house.ts';
import { incoming, PUBLIC_URL } from './signed.ts';

const FRAME = 72;
const tune = Buffer.from(holdMusic().body, 'base64');
const frames = Array.from({ length: tune.length / FRAME }, (_, at) => tune.subarray(at * FRAME, (at + 1) * FRAME));
/** Fields of a frame by name, read from its bits as ISO 13818-3 has them for one channel. */
function read(frame: Buffer) {
  const bits = [...frame.subarray(4)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const value = (from: number, width: number): number => Number.parseInt(bits.slice(from, from + width), 2);
  const length = value(9, 12);
  return {
    reaches: value(0, 8),
    length,
    pairs: value(21, 9),
    gain: value(30, 8),
    spectrum: bits.slice(72, 72 + length),
  };
}

describe('the tune callers hear who wait', () => {
  it('is whole frames of MPEG-2 layer III at 16 kbit/s and 16 kHz, one channel, each standing for itself', () => {
    expect(tune.length % FRAME).toBe(0);
    for (const frame of frames) {
      expect([...frame.subarray(0, 4)]).toEqual([0xff, 0xf3, 0x28, 0xc0]);
      expect(read(frame).reaches).toBe(0);
    }
    expect(frames.length * 0.036).toBeCloseTo(6.912);
  });

  it('holds one tone at a time, coded as told and growing weaker', () => {
    for (const [at, frame] of frames.entries()) {
      const { length, pairs, gain, spectrum } = read(frame);
      expect(spectrum).toBe(`${'1'.repeat(pairs - 1)}010`);
      expect(length).toBe(pairs + 2);
      expect(gain).toBe(200 - Math.floor((at % 16) / 2));
    }
    expect(new Set(frames.map((frame) => (read(frame).pairs - 1) * 2))).toEqual(new Set([24, 30, 36, 48, 32, 40]));
  });

  it('is byte for byte what libmpg123 and dr_mp3 decoded to 6.9 s of pure tones, 333 to 667 Hz', () => {
    expect(createHash('sha256').update(tune).digest('hex')).toBe(
      '358b50b2f1ae07cc48968100f0c1c88803d76acc5f917b500e935979862d9a1d',
    );
  });

  it('Vonage is told where it lies; it needs no signature, no secret and no read, and may be kept', async () => {
    const { inbound, table, clock, faults, secrets } = house();
    const target = { type: 'queue', id: 'que_7', name: 'support', timeoutSeconds: 60 } as const;
    await route(table, entry({ carrier: 'vonage', target }));
    const call = await inbound(incoming('vonage', { id: 'x', from: CALLER, to: NUMBER }, clock.now()));
    const [{ musicOnHoldUrl: [address] = [] }] = JSON.parse(call.body) as [{ musicOnHoldUrl?: string[] }];
    expect(address).toBe(`${PUBLIC_URL}${HOLD_MUSIC_PATH}`);
    const before = [faults.gets, secrets.reads];

    const path = new URL(address ?? '').pathname;
    const reply = await inbound({ method: 'GET', path, query: '', headers: {}, body: new Uint8Array() });

    expect(reply).toEqual(holdMusic());
    expect(reply.headers).toEqual({ 'content-type': 'audio/mpeg', 'cache-control': 'public, max-age=86400' });
    expect([faults.gets, secrets.reads]).toEqual(before);
  });
});
