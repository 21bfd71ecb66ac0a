/** A strict little reader of XML 1.0 documents without DTD: throws on whatever is not well-formed. For tests only. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}
const ILLEGAL = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const TAG = /^<(\/?)([A-Za-z][\w.-]*)((?:\s+[A-Za-z][\w.:-]*="[^"<]*")*)\s*(\/?)>/;

export function readXml(document: string): Element {
  if (ILLEGAL.test(document)) throw new Error('a character that XML cannot hold');
  const head = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(document);
  let rest = document.slice(head?.[0].length ?? 0);
  const open: Element[] = [{ name: '#document', attributes: {}, children: [] }];
  while (rest !== '') {
    const here = open.at(-1) as Element;
    if (!rest.startsWith('<')) {
      const text = rest.split('<', 1)[0] ?? '';
      if (text.includes(']]>')) throw new Error(']]> in text');
      here.children.push(unescaped(text));
      rest = rest.slice(text.length);
      continue;
    }
    const [tag, closing, name = '', attributes = '', empty] = TAG.exec(rest) ?? [];
    if (tag === undefined) throw new Error(`no tag: ${rest.slice(0, 60)}`);
    rest = rest.slice(tag.length);
    if (closing) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
      continue;
    }
    const element: Element = { name, attributes: attributesOf(attributes), children: [] };
    here.children.push(element);
    if (!empty) open.push(element);
  }
  const roots = open[0]?.children ?? [];
  const [root] = roots;
  if (open.length !== 1 || roots.length !== 1 || typeof root !== 'object') throw new Error('not one closed root');
  return root;
}

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/([A-Za-z][\w.:-]*)="([^"<]*)"/g)) {
    if (name in found) throw new Error(`${name} twice`);
    found[name] = unescaped(value);
  }
  return found;
}

function unescaped(text: string): string {
  const names = text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (_, name, decimal, hex) =>
    name ? (ENTITIES[name] ?? '') : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
  );
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});)/i.test(text)) throw new Error('a bare ampersand');
  return names;
}

/** All elements of this name. */
export function elements(root: Element, name: string): readonly Element[] {
  const inside = root.children.flatMap((child) => (typeof child === 'string' ? [] : elements(child, name)));
  return root.name === name ? [root, ...inside] : inside;
}

export function textOf(element: Element | undefined): string {
  return element?.children.filter((child) => typeof child === 'string').join('') ?? '';
}
