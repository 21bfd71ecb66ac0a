import { stripVTControlCharacters, styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';
/** Gives a text a style, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/** Where a program of ours writes and what it may do there. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly paint: Paint;
  /** True when a person looks at `out`: a line may be written over. */
  readonly isLive: boolean;
  readonly width: number;
}
type Stream = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };

/** Colours on a terminal only; `NO_COLOR` (no-color.org) and `TERM=dumb` turn them off, `FORCE_COLOR` on. */
export function wantsColours(env: Terminal['env'], isTty: boolean): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0';
  return isTty && env['TERM'] !== 'dumb';
}

export const painter =
  (colours: boolean): Paint =>
  (style, text) =>
    colours && text !== '' ? styleText(style, text, { validateStream: false }) : text;

/** The terminal of a process. */
export function terminalOf(process: { stdout: Stream; stderr: Stream; env: Terminal['env'] }): Terminal {
  const { stdout, stderr, env } = process;
  const isTty = stdout.isTTY === true;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    env,
    paint: painter(wantsColours(env, isTty)),
    isLive: isTty && env['TERM'] !== 'dumb',
    width: stdout.columns ?? 100,
  };
}

/** Foreign text without anything a terminal would obey or hide; line breaks and tabs stay. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, '');
}
