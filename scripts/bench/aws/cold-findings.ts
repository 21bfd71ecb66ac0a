import { ROUNDS } from '../rounds.ts';
import { type Finding, finding } from '../shape.ts';
import { coldRounds, overRounds, type Program, type Round } from './cold.ts';

/**
 * Performance §3: 15–31 ms of CPU from process start to the first answer above an empty handler, against 92 with the official
 * table client and 256 with everything imported the obvious way. Of memory it says 2 MB for own code against 18 for a client
 * when imported, and nothing up to the answer: half of the official one's was chosen here.
 */
const GOALS = { ms: 31, official: 31 / 92, obvious: 31 / 256, memory: 0.5 };
/** What the page's machine took for the reference programs, milliseconds: how much slower this one is. */
const ON_THE_PAGE = { official: 92, obvious: 256 };

/**
 * Inbound from process start to its first answer, two reads included (the secret, the route), each figure above the empty
 * handler of its round:
 * C1 CPU in milliseconds of the page's machine (figures hold as ratios, says the page: the reference programs tell how much
 * slower this one is, and the lesser of both counts) · C2 CPU ÷ the same inbound over the official clients · C3 CPU ÷ the obvious build ·
 * C4 peak memory ÷ that over the official clients.
 */
export async function measureColdStart(): Promise<readonly Finding[]> {
  const rounds = await coldRounds();
  const cpu = (program: Program) => overRounds(rounds, (round) => above(round, program, 'cpu'));
  const over = (program: Program, fact: 'cpu' | 'memory') =>
    overRounds(rounds, (round) => above(round, 'inbound', fact) / above(round, program, fact));
  const slower = (program: keyof typeof ON_THE_PAGE): number => shown(cpu(program) / ON_THE_PAGE[program]);
  const factors = { official: slower('official'), obvious: slower('obvious') };
  const empty = shown(overRounds(rounds, ({ empty: { cpu: own } }) => own));
  return [
    finding({
      id: 'C1',
      what: 'CPU of inbound from process start to its first answer with two reads, above an empty handler, on the page’s machine',
      ...{ value: cpu('inbound') / Math.min(factors.official, factors.obvious), unit: 'ms', goal: GOALS.ms },
      detail: {
        'ms here': shown(cpu('inbound')),
        'empty handler ms here': empty,
        'secrets as plain texts, one read more, ms here': shown(cpu('texts')),
        'this machine ÷ the page’s, by the references': `${factors.official} and ${factors.obvious}`,
        rounds: ROUNDS,
      },
    }),
    finding({
      id: 'C2',
      what: 'the same CPU, inbound ÷ itself over the official clients, bundled the usual way',
      ...{ value: over('official', 'cpu'), unit: 'ratio', goal: GOALS.official },
      detail: {
        'official ms': shown(cpu('official')),
        'official by our bundler ms': shown(cpu('officialOurs')),
        'ratio to that': shown(over('officialOurs', 'cpu')),
      },
    }),
    finding({
      id: 'C3',
      what: 'the same CPU, inbound ÷ an obvious build: all SDKs, document client and zod imported at the top',
      ...{ value: over('obvious', 'cpu'), unit: 'ratio', goal: GOALS.obvious },
      detail: { 'obvious ms': shown(cpu('obvious')) },
    }),
    memoryFinding(rounds, over('official', 'memory')),
  ];
}

function memoryFinding(rounds: readonly Round[], value: number): Finding {
  const mib = (program: Program) => shown(overRounds(rounds, (round) => above(round, program, 'memory')));
  return finding({
    id: 'C4',
    what: 'peak memory to the first answer above an empty handler, inbound ÷ itself over the official clients',
    ...{ value, unit: 'ratio', goal: GOALS.memory },
    detail: {
      'inbound MiB': mib('inbound'),
      'official MiB': mib('official'),
      'obvious MiB': mib('obvious'),
      'inbound in all MiB': shown(overRounds(rounds, ({ inbound }) => inbound.memory)),
    },
  });
}

const above = (round: Round, program: Program, fact: 'cpu' | 'memory'): number =>
  round[program][fact] - round.empty[fact];

const shown = (value: number): number => Math.round(value * 100) / 100;
