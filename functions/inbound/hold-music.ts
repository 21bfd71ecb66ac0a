import type { RawReply } from '../carriers/inbound-port.ts';

/** Where the tune lies that callers hear who wait in a queue, for carriers that are given its address. */
export const HOLD_MUSIC_PATH = '/fallback/hold-music.mp3';

/** MPEG-2 layer III (ISO 13818-3), 16 kbit/s, 16 kHz, one channel: a form that Vonage names for its streams. */
const HEADER = [0xff, 0xf3, 0x28, 0xc0];
/** A frame is 36 ms of sound: 576 lines of spectrum, 13.9 Hz apart. */
const FRAME_BYTES = 72;
const FRAMES_A_NOTE = 16;
/** Two chords, up and down, as even lines of the spectrum: 24 is a tone of 333 Hz, and their ratios are those of pure chords. */
const NOTES = [24, 30, 36, 48, 36, 30, 24, 32, 40, 48, 40, 32];
/** In steps of 1.5 dB; here the peak is a fifth of the largest value. */
const LOUDEST = 200;

/** A calm tune of about seven seconds, computed, so that it is nobody's. May be kept for a day; played again and again. */
export function holdMusic(): RawReply {
  const body = Buffer.concat(
    NOTES.flatMap((line) => Array.from({ length: FRAMES_A_NOTE }, (_, at) => frame(line, at))),
  );
  return {
    status: 200,
    headers: { 'content-type': 'audio/mpeg', 'cache-control': 'public, max-age=86400' },
    body: body.toString('base64'),
    isBase64: true,
  };
}

/** One frame: a single line of the spectrum, the weaker the longer its note sounds. */
function frame(line: number, at: number): Buffer {
  const spectrum = spectrumOf(line);
  const bits = [
    field(0, 9), // main data begins here; private bit
    field(spectrum.length, 12),
    field(line / 2 + 1, 9), // pairs of lines
    field(LOUDEST - Math.floor(at / 2), 8), // gain
    field(0, 10), // no scale factors; one long window
    field(1, 5).repeat(3), // table of codes, in each of the three regions
    field(0, 9), // bounds of the regions; finest scale
    spectrum,
  ].join('');
  const bytes = bits.padEnd((FRAME_BYTES - HEADER.length) * 8, '0').match(/.{8}/g) ?? [];
  return Buffer.from([...HEADER, ...bytes.map((byte) => Number.parseInt(byte, 2))]);
}

/** Huffman code of table 1: pairs of nothing, then the line at an even place: its pair's code and a plus. */
const spectrumOf = (line: number): string => `${'1'.repeat(line / 2)}010`;

const field = (value: number, width: number): string => value.toString(2).padStart(width, '0');
