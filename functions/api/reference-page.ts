import { html } from 'hono/html';
import type { OpenApiDocument, Operation } from '../contract/openapi.ts';
import type { JsonSchema } from '../contract/openapi-schemas.ts';
import { type Markup, marks, page, prose } from './page.ts';
import { problemTable } from './problems.ts';
import { asSchema, exampleOf, referenceOf, type Schemas, schemaMarkup } from './reference-shapes.ts';

interface Line extends Operation {
  readonly method: string;
  readonly path: string;
}

/** The document as one page: navigation by tag, every operation with parameters, bodies, answers and examples. */
export function referencePage(document: OpenApiDocument): Markup {
  const lines = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Line => ({ ...operation, method, path })),
  );
  const groups = document.tags.map(({ name }) => ({ name, lines: lines.filter((line) => line.tags.includes(name)) }));
  const { schemas } = document.components;
  const content = html`<div class="frame">
${navigation(groups, Object.keys(schemas))}
<main>
<h1>${String(document.info['title'])} <span class="dim">${String(document.info['version'])}</span></h1>
${prose(String(document.info['description'] ?? ''))}
<p><a href="/openapi.json">openapi.json</a></p>
${groups.map(
  (group) =>
    html`<h2 id="${tagId(group.name)}">${group.name}</h2>${group.lines.map((line) => operation(line, document))}`,
)}
<h2 id="schemas">Shapes</h2>
${Object.entries(schemas).map(([name, schema]) => shape(name, schema, schemas))}
${problemTable()}
</main></div>`;
  return page(`${String(document.info['title'])} API reference`, content);
}

const tagId = (name: string): string => `tag-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;

function navigation(groups: readonly { name: string; lines: readonly Line[] }[], schemas: readonly string[]): Markup {
  return html`<nav aria-label="Operations">
<div class="theme" role="radiogroup" aria-label="Colours">
<label><input type="radio" name="theme" checked> system</label>
<label><input type="radio" name="theme" id="light"> light</label>
<label><input type="radio" name="theme" id="dark"> dark</label>
</div>
${groups.map(
  ({ name, lines }) => html`<a href="#${tagId(name)}"><strong>${name}</strong></a>
<ul>${lines.map((line) => html`<li><a href="#${line.operationId}">${line.summary}</a></li>`)}</ul>`,
)}
<a href="#schemas"><strong>Shapes</strong></a>
<ul>${schemas.map((name) => html`<li><a href="#schema-${name}">${name}</a></li>`)}</ul>
<a href="#problems"><strong>Problems</strong></a>
</nav>`;
}

function operation(line: Line, document: OpenApiDocument): Markup {
  const { schemas } = document.components;
  return html`<section id="${line.operationId}">
<h3><span class="method ${line.method}">${line.method}</span> <code>${line.path}</code></h3>
<p><strong>${line.summary}</strong></p>
${line.description ? prose(line.description) : ''}
<p class="dim">For: ${line['x-roles'].join(', ')}${keyScopes(line)}</p>
${parameters(line, document)}
${body('Body', line.requestBody, schemas)}
${Object.entries(line.responses).map(([status, answer]) => answerMarkup(status, answer, schemas))}
</section>`;
}

function keyScopes(line: Line): string {
  const scopes = line.security.flatMap((choice) => choice['apiKey'] ?? []);
  return scopes.length > 0 ? ` · API key with ${scopes.join(', ')}` : '';
}

function parameters(line: Line, document: OpenApiDocument): Markup | '' {
  if (line.parameters.length === 0) return '';
  const rows = line.parameters.map((given) => {
    const shared = referenceOf(given);
    const parameter = shared === undefined ? given : asSchema(document.components.parameters[shared]);
    const description = parameter['description'];
    return html`<tr><td><code>${String(parameter['name'])}</code> ${parameter['required'] === true ? html`<span class="req">required</span>` : ''}</td>
<td class="dim">${String(parameter['in'])}</td>
<td>${schemaMarkup(asSchema(parameter['schema']))}${typeof description === 'string' ? html`<br>${marks(description)}` : ''}</td></tr>`;
  });
  return html`<table><thead><tr><th scope="col">parameter</th><th scope="col">in</th><th scope="col">value</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function answerMarkup(status: string, answer: JsonSchema, schemas: Schemas): Markup {
  const isProblem = 'application/problem+json' in asSchema(answer['content']);
  const description = marks(String(answer['description'] ?? ''));
  if (isProblem) return html`<p><code>${status}</code> ${description}</p>`;
  return html`<p><code>${status}</code> ${description}</p>${body(`Answer ${status}`, answer, schemas)}`;
}

/** A body: its shape written out, and an example. */
function body(title: string, holder: JsonSchema | undefined, schemas: Schemas): Markup | '' {
  const content = asSchema(holder?.['content']);
  const [type] = Object.keys(content);
  if (type === undefined) return '';
  const schema = asSchema(asSchema(content[type])['schema']);
  const name = referenceOf(schema);
  const written = name === undefined ? schema : asSchema(schemas[name]);
  return html`<details><summary>${title} <span class="dim">${type}</span> ${name ?? ''}</summary>${schemaMarkup(written)}
${type.includes('json') ? html`<pre>${JSON.stringify(exampleOf(schema, schemas), null, 2)}</pre>` : ''}</details>`;
}

function shape(name: string, schema: JsonSchema, schemas: Schemas): Markup {
  const description = schema['description'];
  return html`<section id="schema-${name}"><h3><code>${name}</code></h3>
${typeof description === 'string' ? prose(description) : ''}${schemaMarkup(schema)}
<details><summary>Example</summary><pre>${JSON.stringify(exampleOf(schema, schemas), null, 2)}</pre></details></section>`;
}
