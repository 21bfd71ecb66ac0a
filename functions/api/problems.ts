import { html } from 'hono/html';
import { PROBLEMS, type ProblemEntry } from '../contract/problem-catalogue.ts';
import { type Markup, marks, page } from './page.ts';

const RETRY: Readonly<Record<ProblemEntry['retry'], string>> = {
  no: 'No. The same call gives the same answer.',
  later: 'Yes, later; with the same `Idempotency-Key` where one was sent.',
  after_change: 'Yes, once the call is corrected.',
};

/** The page behind a problem's `type`; undefined for a code nobody uses. */
export function problemPage(code: string): Markup | undefined {
  const entry = PROBLEMS.get(code);
  if (!entry) return undefined;
  const content = html`<main>
<p class="dim"><a href="/reference#problems">All problems</a></p>
<h1>${entry.title}</h1>
<p><code>${code}</code> · status ${entry.status}</p>
<h2>Cause</h2><p>${marks(entry.cause)}</p>
<h2>Remedy</h2><p>${marks(entry.remedy)}</p>
<h2>Does a retry help?</h2><p>${marks(RETRY[entry.retry])}</p>
</main>`;
  return page(`${entry.title} (${code})`, content);
}

/** All codes as a table, for the reference page. */
export function problemTable(): Markup {
  const rows = [...PROBLEMS].toSorted(([, a], [, b]) => a.status - b.status);
  return html`<section id="problems"><h2>Problems</h2>
<table><thead><tr><th scope="col">status</th><th scope="col">code</th><th scope="col">title</th></tr></thead><tbody>
${rows.map(
  ([code, { status, title }]) =>
    html`<tr><td>${status}</td><td><a href="/problems/${code}"><code>${code}</code></a></td><td>${title}</td></tr>`,
)}
</tbody></table></section>`;
}
