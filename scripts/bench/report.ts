import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { Finding } from './shape.ts';

const FILE = 'reports/bench.json';
/** A finding with the time and load at which it was measured: a report may be of several runs. */
interface Reported extends Finding {
  readonly at: string;
  readonly load: readonly number[];
}

/** Writes what was found over what the report says of the same ids; the others stay as they were. */
export function writeReport(findings: readonly Finding[], loadBefore: readonly number[]): void {
  const at = new Date().toISOString();
  const load = [loadBefore[0] ?? 0, loadavg()[0] ?? 0];
  const fresh = findings.map((found): Reported => ({ ...found, at, load }));
  const ids = new Set(fresh.map(({ id }) => id));
  const all = [...reported().filter(({ id }) => !ids.has(id)), ...fresh].sort((a, b) => a.id.localeCompare(b.id));
  const machine = { node: process.version, processors: availableParallelism() };
  mkdirSync('reports', { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ at, machine, findings: all }, null, 2)}\n`);
}

function reported(): readonly Reported[] {
  if (!existsSync(FILE)) return [];
  const { at, machine, findings } = JSON.parse(readFileSync(FILE, 'utf8'));
  return findings.map((found: Reported) => ({ ...found, at: found.at ?? at, load: found.load ?? machine.loadBefore }));
}
