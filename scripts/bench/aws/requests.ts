import type { CountryClass } from '../../../functions/domain/country.ts';
import { carrierTasks } from '../../../functions/requests/tasks.ts';
import type { FunctionName } from '../../build/function-bundle.ts';
import { type Counted, dollars, dollarsEach, PRICES_AS_OF } from '../prices.ts';
import { type Finding, finding } from '../shape.ts';
import { type Happened, openRequestLab, type RequestLab } from './request-lab.ts';
import { checkEnd, type Path, restricted, special, standard } from './request-paths.ts';
import type { StackFacts } from './stack-facts.ts';

interface Budget {
  readonly transitions: number;
  readonly calls: number;
  /** Dollars a thousand requests. */
  readonly dollars: number;
}
/** Performance §5, where the carrier answers at once; papers are handed in for the restricted one. */
const BUDGETS: Readonly<Record<Variant, Budget>> = {
  standard: { transitions: 12, calls: 6, dollars: 0.6 },
  special: { transitions: 15, calls: 8, dollars: 0.75 },
  restricted: { transitions: 20, calls: 11, dollars: 1 },
};
/** Likewise: what a carrier that answers later may take in addition. */
const LATER = { transitions: 6, calls: 2 };
const PATHS = { standard, special, restricted } as const satisfies Partial<Record<CountryClass, Path>>;
type Variant = keyof typeof PATHS;
/** Seconds a function works, and mostly waits, a call: the page's own figure. */
const SECONDS = 0.3;
const THOUSAND = 1000;
/** What the page's own sums count of these (its table of §5 and what it was made of): a request's mails and write units. */
const SUMMED: Readonly<Record<Variant, { readonly mails: number; readonly written: number }>> = {
  standard: { mails: 1, written: 10 },
  special: { mails: 2, written: 14 },
  restricted: { mails: 3, written: 20 },
};

interface Request {
  readonly variant: Variant;
  readonly budget: Budget;
  readonly spent: Budget;
  readonly counted: Counted;
  readonly happened: Happened;
}

/**
 * W1: what a request takes, counted over the real state machine, rooms and outbox with simulated carriers. The value is the
 * worst of transitions, function calls of states, and dollars, each ÷ its budget, over the three classes of country. The
 * dollars are of everything from the form to the number in use: people's calls, deliveries, table, mails, logs, traces.
 */
export async function measureRequests(stack: StackFacts): Promise<Finding> {
  const lab = await openRequestLab();
  try {
    const requests: Request[] = [];
    for (const variant of Object.keys(PATHS) as Variant[]) requests.push(await follow(lab, variant, stack));
    return finding({
      id: 'W1',
      what: 'a request’s transitions, function calls and dollars ÷ their budgets: the worst, over standard, special and restricted',
      value: Math.max(...requests.flatMap(({ spent, budget }) => partsOf(spent, budget).map(({ ratio }) => ratio))),
      unit: 'ratio',
      goal: 1,
      detail: {
        'prices of': PRICES_AS_OF,
        ...Object.fromEntries(requests.flatMap(describe)),
      },
    });
  } finally {
    await lab.close();
  }
}

async function follow(lab: RequestLab, variant: Variant, stack: StackFacts): Promise<Request> {
  lab.take();
  const id = await PATHS[variant](lab);
  const happened = lab.take();
  const { transitions, events } = await lab.steps(id);
  await checkEnd(lab, id, variant);
  const counted = countedOf(happened, { transitions, events }, stack);
  const isLater = happened.stateCalls.includes('AwaitOrders');
  const given = BUDGETS[variant];
  const budget = isLater
    ? {
        transitions: given.transitions + LATER.transitions,
        calls: given.calls + LATER.calls,
        dollars: given.dollars + THOUSAND * dollars({ transition: LATER.transitions, invocation: LATER.calls }),
      }
    : given;
  const spent = { transitions, calls: happened.stateCalls.length, dollars: THOUSAND * dollars(counted) };
  return { variant, budget, spent, counted, happened };
}

interface Steps {
  readonly transitions: number;
  readonly events: number;
}

function countedOf(happened: Happened, { transitions, events }: Steps, stack: StackFacts): Counted {
  const atCarriers = new Set<string>(carrierTasks.map(({ name }) => name));
  const called = [
    ...happened.stateCalls.map((state): FunctionName => (atCarriers.has(state) ? 'carriers' : 'requests')),
    ...Array.from({ length: happened.requests }, (): FunctionName => 'api'),
    // A line wakes the function that delivers, an upload the one that checks: the same one.
    ...Array.from({ length: happened.lines + happened.uploads }, (): FunctionName => 'jobs'),
  ];
  const platformBytes = called.reduce((sum, name) => sum + stack.platformBytes[name], 0);
  return {
    transition: transitions,
    invocation: called.length,
    gigabyteSecond: called.reduce((sum, name) => sum + (stack.memoryMb[name] / 1024) * SECONDS, 0),
    httpRequest: happened.requests,
    readUnit: happened.table.reads,
    writeUnit: happened.table.writes,
    mail: happened.mails,
    logByte:
      happened.logBytes + platformBytes + happened.requests * stack.accessBytes + events * stack.workflowEventBytes,
    // Requests are rare enough that the sampler takes each: one trace an execution, a call of people, a delivery.
    trace: 1 + called.filter((name) => stack.isTraced[name] && (name === 'api' || name === 'jobs')).length,
    putObject: happened.uploads,
    getObject: happened.uploads,
  };
}

function partsOf(spent: Budget, budget: Budget) {
  return (['transitions', 'calls', 'dollars'] as const).map((part) => ({
    part,
    spent: spent[part],
    budget: budget[part],
    ratio: spent[part] / budget[part],
  }));
}

function describe({ variant, spent, budget, counted, happened }: Request): readonly (readonly [string, string])[] {
  const parts = partsOf(spent, budget);
  const over = parts.filter(({ ratio }) => ratio > 1);
  const each = dollarsEach(counted, THOUSAND).filter(([, price]) => price >= 0.01);
  const { lines, requests, mails, table } = happened;
  const facts: (readonly [string, string])[] = [
    [variant, parts.map(({ part, spent: was, budget: may }) => `${shown(was)}/${shown(may)} ${part}`).join(', ')],
    [`${variant}, $ per 1,000`, each.map(([unit, price]) => `${unit} ${price.toFixed(2)}`).join(', ')],
    [
      `${variant}, units`,
      `${table.writes} written, ${table.reads} read, ${mails} mails, ${lines} deliveries, ${requests} calls of people`,
    ],
    [`${variant}, most written`, mostOf(table.writesOf)],
  ];
  if (over.length > 0)
    facts.push([
      `${variant} over its budget`,
      `${over.map(({ part, spent: was, budget: may }) => `${shown(was - may)} ${part}`).join(', ')}; ${beyond(variant, counted)}`,
    ]);
  return facts;
}

/** What makes a request dearer than the page's sums, in dollars a thousand. */
function beyond(variant: Variant, { mail = 0, writeUnit = 0, trace = 0 }: Counted): string {
  const { mails, written } = SUMMED[variant];
  const parts: readonly (readonly [string, Counted])[] = [
    [`mails beyond ${mails}`, { mail: mail - mails }],
    [`units written beyond ${written}`, { writeUnit: writeUnit - written }],
    ['traces', { trace }],
  ];
  return parts.map(([name, more]) => `${name} ${(THOUSAND * dollars(more)).toFixed(2)}`).join(', ');
}

/** Kinds of items that take most of the write units. */
function mostOf(writesOf: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(writesOf).sort(([, a], [, b]) => b - a);
  return kinds
    .slice(0, 4)
    .map(([kind, units]) => `${kind} ${units}`)
    .join(', ');
}

const shown = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2));
