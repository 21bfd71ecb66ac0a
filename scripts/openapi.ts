import { readFileSync, writeFileSync } from 'node:fs';
import { allRoutes } from '../functions/api/routes.ts';
import { openApiDocument } from '../functions/contract/openapi.ts';

/**
 * Writes docs/openapi.json from the declared routes; with `--check` only says whether it is what they make it.
 * The file is the shape of the interface, so it carries the interface's version and not the release's.
 */
const place = new URL('../docs/openapi.json', import.meta.url);
const document = openApiDocument(allRoutes, { version: '1', server: '/' });
const text = `${JSON.stringify(document, null, 2)}\n`;
const operations = Object.values(document.paths).flatMap((line) => Object.keys(line)).length;

if (process.argv.includes('--check')) {
  if (read() === text) {
    console.log(`docs/openapi.json is in step with the routes (${operations} operations)`);
  } else {
    console.error('docs/openapi.json is not what the routes make it: npm run openapi');
    process.exitCode = 1;
  }
} else {
  writeFileSync(place, text);
  console.log(`docs/openapi.json: ${operations} operations`);
}

function read(): string {
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return '';
  }
}
