import { NotFound } from '../../../functions/domain/errors.ts';
import type { Table } from '../../../functions/platform/table.ts';
import type { Machine } from './machine.ts';
import { loadMachine } from './machine-load.ts';
import { loadDefinition, saveDefinition } from './store.ts';

/** The state machines of this program, and older ones that running executions still follow (X3). */
export interface Definitions {
  /** The one new executions follow; stored before it answers. Throws NotFound. */
  current(machine: string): Promise<Machine>;
  byHash(hash: string): Promise<Machine>;
}

/** Throws InvalidMachine if one of the machines cannot be run. */
export function definitionsOf(table: Table, machines: Readonly<Record<string, unknown>>): Definitions {
  const present = new Map(Object.entries(machines).map(([name, json]) => [name, { json, machine: loadMachine(json) }]));
  const byHash = new Map([...present.values()].map(({ machine }) => [machine.hash, machine]));
  const stored = new Set<string>();
  return {
    async current(name) {
      const found = present.get(name);
      if (!found) throw new NotFound({ code: 'unknown_machine', detail: `there is no state machine ${name}` });
      const { hash } = found.machine;
      if (!stored.has(hash)) await saveDefinition(table, hash, found.json);
      stored.add(hash);
      return found.machine;
    },
    async byHash(hash) {
      const machine = byHash.get(hash) ?? loadMachine(await loadDefinition(table, hash));
      byHash.set(hash, machine);
      return machine;
    },
  };
}
