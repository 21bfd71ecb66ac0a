const markup: unique symbol = Symbol('markup');

/** A piece of well-formed markup; made by `xml` alone, so that text cannot pass for it. */
export interface Xml {
  readonly [markup]: string;
}
type Value = string | number | Xml | readonly Xml[] | undefined;

const NOT_A_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const SPECIAL = /[&<>"'\t\n\r]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text as it may stand between tags and inside quotes; what XML 1.0 cannot hold is removed (V8). */
export function escapeXml(text: string): string {
  return text.replace(NOT_A_CHARACTER, '').replace(SPECIAL, (found) => ENTITIES[found] ?? '');
}

/**
 * Markup from a template: the template's own text is markup, every value in it is text (escaped), except values that are
 * themselves made by `xml`. `undefined` leaves nothing. Values stand between tags or inside quotes, never as names.
 */
export function xml(parts: TemplateStringsArray, ...values: readonly Value[]): Xml {
  let text = parts[0] ?? '';
  for (let i = 0; i < values.length; i++) text += markupOf(values[i]) + (parts[i + 1] ?? '');
  return { [markup]: text };
}

/** A whole document: declaration and root element. */
export function xmlDocument(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${root[markup]}`;
}

function markupOf(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeXml(value);
  return 'map' in value ? value.map((piece) => piece[markup]).join('') : value[markup];
}
