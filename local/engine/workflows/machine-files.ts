import { readFileSync } from 'node:fs';
import { FUNCTIONS, MACHINES, type Placeholder } from '../../../statemachines/rooms.ts';

const FOLDER = new URL('../../../statemachines/', import.meta.url);

/** The definitions of all state machines, function names in the place of the placeholders. */
export function readMachines(): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(MACHINES).map(([name, { file, calls }]) => [name, withFunctions(read(file), calls)]),
  );
}

function read(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}

/** Throws when the text holds a placeholder that is not among `calls`. */
function withFunctions(text: string, calls: readonly Placeholder[]): unknown {
  const replaced = text.replace(/\$\{(\w+)\}/g, (whole, name) => {
    const call = calls.find((each) => each === name);
    if (!call) throw new Error(`${whole} is not listed in statemachines/rooms.ts`);
    return FUNCTIONS[call];
  });
  return JSON.parse(replaced);
}
