import * as z from 'zod';

type Report = (problem: string) => void;

/** Only what the checks need; that the rest is well-formed is the schema's business. */
const Loose = z.looseObject({
  Type: z.string(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  Assign: z.record(z.string(), z.unknown()).optional(),
  Choices: z
    .array(z.looseObject({ Next: z.string(), Assign: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
  Retry: z.array(z.looseObject({ ErrorEquals: z.array(z.string()) })).optional(),
  Catch: z
    .array(
      z.looseObject({
        Next: z.string(),
        ErrorEquals: z.array(z.string()),
        Assign: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
});
type Loose = z.infer<typeof Loose>;
const LooseScope = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), z.unknown()) });
const Nested = z.looseObject({ ItemProcessor: LooseScope.optional(), Branches: z.array(LooseScope).optional() });

interface Surrounding {
  readonly within: string;
  /** Variables of the scopes around: a nested scope may read but not set them. */
  readonly outerVariables: ReadonlySet<string>;
  /** State names of the whole machine: each may exist once. */
  readonly names: Set<string>;
}

/** Reports what no single state shows: dangling and missing ways, doubled names, variables that hide an outer one. */
export function checkScope(
  scope: z.infer<typeof LooseScope>,
  report: Report,
  around: Surrounding = { within: '', outerVariables: new Set(), names: new Set() },
): void {
  const states = new Map<string, Loose>();
  for (const [name, source] of Object.entries(scope.States)) {
    if (around.names.has(name)) report(`state ${around.within}${name}: its name is used twice`);
    around.names.add(name);
    const state = Loose.safeParse(source);
    if (state.success) states.set(name, state.data);
  }
  checkWays(scope.StartAt, states, around.within, report);
  const variables = new Set([...around.outerVariables, ...[...states.values()].flatMap(assigned)]);
  for (const [name, state] of states) {
    const where = `state ${around.within}${name}`;
    checkWildcards(state, where, report);
    for (const variable of assigned(state).filter((name) => around.outerVariables.has(name))) {
      report(`${where}: Assign.${variable} reuses the name of an outer variable`);
    }
    const inside = { ...around, within: `${around.within}${name} › `, outerVariables: variables };
    for (const inner of nestedScopes(state)) checkScope(inner, report, inside);
  }
}

function nestedScopes(state: Loose): z.infer<typeof LooseScope>[] {
  const nested = Nested.safeParse(state).data;
  return [nested?.ItemProcessor, ...(nested?.Branches ?? [])].filter((scope) => scope !== undefined);
}

function waysOf(state: Loose): string[] {
  const all = [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map((c) => c.Next),
    ...(state.Catch ?? []).map((c) => c.Next),
  ];
  return all.filter((next) => next !== undefined);
}

function assigned(state: Loose): string[] {
  return [state, ...(state.Choices ?? []), ...(state.Catch ?? [])].flatMap((part) => Object.keys(part.Assign ?? {}));
}

function checkWays(startAt: string, states: ReadonlyMap<string, Loose>, within: string, report: Report): void {
  if (!states.has(startAt)) report(`${within || 'machine '}StartAt: there is no state ${startAt}`);
  const reached = new Set<string>();
  const open = [startAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...waysOf(states.get(name) ?? { Type: '' }));
  }
  for (const [name, state] of states) {
    if (!reached.has(name)) report(`state ${within}${name}: cannot be reached`);
    for (const next of waysOf(state))
      if (!states.has(next)) report(`state ${within}${name}: Next: there is no state ${next}`);
  }
}

/** `States.ALL` stands alone and last, as Step Functions demands. */
function checkWildcards(state: Loose, where: string, report: Report): void {
  for (const field of ['Retry', 'Catch'] as const) {
    const list = state[field] ?? [];
    list.forEach(({ ErrorEquals }, at) => {
      if (!ErrorEquals.includes('States.ALL')) return;
      if (ErrorEquals.length > 1 || at < list.length - 1)
        report(`${where}: ${field}[${at}]: States.ALL must stand alone and last`);
    });
  }
}
