import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { HttpEvent, HttpResult } from '../../../functions/platform/on-lambda.ts';

/** Hands a function's bundle the events of a file, one after the other; what the warm half of them cost goes to another file. */
const [bundle = '', eventsFile = '', resultFile = ''] = process.argv.slice(2);
const { handler } = (await import(pathToFileURL(bundle).href)) as {
  handler: (event: HttpEvent) => Promise<HttpResult>;
};
const events = JSON.parse(readFileSync(eventsFile, 'utf8')) as readonly HttpEvent[];
const warm = Math.floor(events.length / 2);
let before = process.cpuUsage();
const statuses = new Map<number, number>();
for (const [i, event] of events.entries()) {
  if (i === warm) before = process.cpuUsage();
  const { statusCode } = await handler(event);
  statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
}
const { user, system } = process.cpuUsage(before);
const cpu = (user + system) / (events.length - warm);
writeFileSync(resultFile, JSON.stringify({ cpu, statuses: Object.fromEntries(statuses) }));
process.exit(0);
