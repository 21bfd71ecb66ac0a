import { html, raw } from 'hono/html';
import { PAGE_STYLE } from './page-style.ts';

/** Markup that is already escaped. */
export type Markup = ReturnType<typeof html>;

/** A whole page. */
export function page(title: string, content: Markup): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(PAGE_STYLE)}</style>
</head>
<body>${content}</body>
</html>
`;
}

/** Text with \`code\` and **strong** marks, each line a paragraph or, with a dash, an item. */
export function prose(text: string): Markup {
  const blocks = text.split(/\n{2,}/).map((block) => {
    const lines = block.split('\n');
    if (lines.every((line) => line.startsWith('- '))) {
      return html`<ul>${lines.map((line) => html`<li>${marks(line.slice(2))}</li>`)}</ul>`;
    }
    return html`<p>${marks(block)}</p>`;
  });
  return html`${blocks}`;
}

/** The same for one line, without a paragraph around it. */
export function marks(text: string): Markup {
  const parts = text.split(/(`[^`]+`|\*\*[^*]+\*\*)/);
  return html`${parts.map((part) => {
    if (part.startsWith('`') && part.endsWith('`') && part.length > 2) return html`<code>${part.slice(1, -1)}</code>`;
    if (part.startsWith('**') && part.endsWith('**')) return html`<strong>${part.slice(2, -2)}</strong>`;
    return part;
  })}`;
}
