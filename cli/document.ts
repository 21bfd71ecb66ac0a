import type { CarrierAnswer } from './simulators.ts';
import { plainText } from './terminal.ts';

/** A call document laid out for reading, nothing left out: one element or field a line, attributes of long ones below. */
export function documentText({ contentType, body }: Pick<CarrierAnswer, 'contentType' | 'body'>, width = 100): string {
  const text = plainText(body);
  if (contentType.includes('json')) return jsonText(text);
  return contentType.includes('xml') ? xmlText(text, width) : text;
}

function jsonText(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function xmlText(text: string, width: number): string {
  let depth = 0;
  const lines: string[] = [];
  for (const piece of text.replace(/>\s*</g, '>\n<').split('\n')) {
    if (piece.startsWith('</')) depth--;
    const indent = '  '.repeat(Math.max(0, depth));
    lines.push(...(indent.length + piece.length > width ? attributesBelow(piece, indent) : [`${indent}${piece}`]));
    if (/^<[^/?!]/.test(piece) && !piece.endsWith('/>') && !piece.includes('</')) depth++;
  }
  return lines.join('\n');
}

/** `<Dial timeout="25" action="…">` with each attribute on a line of its own. */
function attributesBelow(piece: string, indent: string): readonly string[] {
  const [, open, attributes, rest] = /^(<[\w:.-]+)((?:\s+[\w:.-]+="[^"]*")+)(\s*\/?>.*)$/s.exec(piece) ?? [];
  if (open === undefined || attributes === undefined || rest === undefined) return [`${indent}${piece}`];
  const below = attributes.match(/[\w:.-]+="[^"]*"/g) ?? [];
  return [
    `${indent}${open}`,
    ...below.map((one, at) => `${indent}    ${one}${at === below.length - 1 ? rest.trimStart() : ''}`),
  ];
}
