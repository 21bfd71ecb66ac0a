import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CarrierId } from '../domain/carrier-id.ts';
import type { E164 } from '../domain/e164.ts';
import type { LaterPlace } from '../routing/plan.ts';

/** What seals the addresses of later steps: 32 random bytes or more, as text. */
export const STEP_KEY = { credential: 'INBOUND_STEP_KEY', secret: 'inbound/step-key' };
/** Longer than any call: an answered dial asks for its next step when it ends. */
const SECONDS_VALID = 6 * 3600;
const SHAPE = /^(\d{7,15})\.([a-z-]{1,24})\.(\d{1,3}|r|h\d{1,4})\.(\d{1,9})\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{22})$/;

/** A later step of a call: of which number, which place in its list of targets, counted in which version of it. */
export interface Step {
  readonly number: E164;
  readonly place: LaterPlace;
  readonly version: number;
}

/**
 * The `s=` parameter of a later step: some carriers do not sign the address, so it carries its own seal. Only characters
 * that no gateway rewrites: A–Z a–z 0–9 - . _ ~ (reliability §5).
 */
export function sealStep(step: Step, carrier: CarrierId, key: string, now: Date): string {
  const expiry = Math.floor(now.getTime() / 1000) + SECONDS_VALID;
  const text = [step.number.slice(1), carrier, written(step.place), step.version, expiry.toString(36)].join('.');
  return `${text}.${seal(text, key)}`;
}

/** Undefined: not ours, another carrier's, or too old. Several keys are valid during a rotation (X8). */
export function openStep(text: string, carrier: CarrierId, keys: readonly string[], now: Date): Step | undefined {
  const parts = SHAPE.exec(text);
  if (!parts) return undefined;
  const [, digits = '', forCarrier, place = '', version, expiry = '', given = ''] = parts;
  const signed = text.slice(0, -given.length - 1);
  if (!keys.some((key) => key !== '' && isSame(seal(signed, key), given)) || forCarrier !== carrier) return undefined;
  if (Number.parseInt(expiry, 36) < now.getTime() / 1000) return undefined;
  return {
    number: `+${digits}` as E164,
    place: readPlace(place),
    version: Number(version),
  };
}

/** `2`, `r`, or `h` and the seconds. */
function written(place: LaterPlace): string {
  if (typeof place === 'object') return `h${place.hold}`;
  return place === 'recorded' ? 'r' : `${place}`;
}

function readPlace(text: string): LaterPlace {
  if (text.startsWith('h')) return { hold: Number(text.slice(1)) };
  return text === 'r' ? 'recorded' : Number(text);
}

/** The `s=` of a query as received; undefined when there is none, empty text when there are several. */
export function sealedIn(query: string): string | undefined {
  const found = query.split('&').filter((part) => part.startsWith('s='));
  return found.length > 1 ? '' : found[0]?.slice(2);
}

function seal(text: string, key: string): string {
  return createHmac('sha256', key).update(`step.${text}`).digest('base64url').slice(0, 22);
}

function isSame(expected: string, given: string): boolean {
  return expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
}
