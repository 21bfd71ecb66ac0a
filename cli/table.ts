import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './terminal.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** Characters a text takes on the screen; styles take none. */
export function shownLength(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** `text` filled up with blanks to `length` characters on the screen. */
export function padded(text: string, length: number, align?: 'right'): string {
  const blanks = ' '.repeat(Math.max(0, length - shownLength(text)));
  return align === 'right' ? `${blanks}${text}` : `${text}${blanks}`;
}

/** An aligned table, one line a row, without borders; ends with a line break. Cells may be painted, but hold no line break. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { paint, indent = 0 }: { readonly paint: Paint; readonly indent?: number },
): string {
  const lengths = columns.map(({ title }, at) =>
    Math.max(shownLength(title), ...rows.map((row) => shownLength(row[at] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    `${' '.repeat(indent)}${columns.map(({ align }, at) => padded(cells[at] ?? '', lengths[at] ?? 0, align)).join('  ')}`;
  const head = paint('dim', line(columns.map(({ title }) => title)).trimEnd());
  return `${[head, ...rows.map((row) => line(row).trimEnd())].join('\n')}\n`;
}

/** Names and values below one another, values aligned; ends with a line break. */
export function facts(
  pairs: readonly (readonly [string, string | undefined])[],
  { paint, indent = 0 }: { readonly paint: Paint; readonly indent?: number },
): string {
  const given = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined && pair[1] !== '');
  const length = Math.max(0, ...given.map(([name]) => name.length));
  const blanks = ' '.repeat(indent);
  return given.map(([name, value]) => `${blanks}${paint('dim', padded(name, length))}  ${value}\n`).join('');
}
