import type { NumberRequestView } from '../functions/requests/view-schema.ts';
import { padded } from './table.ts';
import { type Paint, plainText, type Style } from './terminal.ts';

type Entry = NumberRequestView['timeline'][number];

/** The steps of a request as the trade says them. */
const WORDS: Readonly<Record<Entry['step'], string>> = {
  submitted: 'submitted',
  classified: 'classified',
  ticket_opened: 'ticket opened',
  approval: 'approval',
  terms: 'terms',
  information: 'information',
  documents: 'papers',
  sourcing: 'sourcing',
  purchase: 'purchase',
  activation: 'activation',
  assignment: 'assignment',
  closed: 'closed',
};
const MARKS: Readonly<Record<Entry['state'], readonly [string, Style]>> = {
  done: ['✓', 'green'],
  current: ['›', 'cyan'],
  waiting: ['…', 'yellow'],
  failed: ['✗', 'red'],
  undone: ['↶', 'yellow'],
};

/** Entries that are new or stand otherwise than before, in their order. */
export function newsOf(before: readonly Entry[], after: readonly Entry[]): readonly Entry[] {
  const key = ({ step, state, at, detail }: Entry) => `${step} ${state} ${at} ${detail ?? ''}`;
  const known = new Set(before.map(key));
  return after.filter((entry) => !known.has(key(entry)));
}

/** One line of a request's timeline, without its line break. */
export function timelineLine(entry: Entry, paint: Paint): string {
  const [mark, style] = MARKS[entry.state];
  const took = entry.durationMs === undefined ? '' : `${(entry.durationMs / 1000).toFixed(1)} s`;
  const who = entry.state === 'waiting' || entry.actor.kind === 'system' ? '' : plainText(entry.actor.name);
  const more = [who, took, plainText(entry.detail ?? '')].filter((text) => text !== '').join(', ');
  return `${paint('dim', entry.at.slice(11, 19))}  ${paint(style, mark)} ${padded(WORDS[entry.step], 13)}  ${paint('dim', more)}`.trimEnd();
}
