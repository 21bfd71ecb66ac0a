import { mkdirSync, writeFileSync } from 'node:fs';
import { contractResults } from './conformance/contract-results.ts';
import { DEVIATIONS, type Deviation } from './conformance/deviations.ts';
import { type Judgement, judge } from './conformance/judge.ts';
import { specsFolder } from './conformance/specs.ts';
import { judgedCarriers } from './conformance/subjects.ts';

/**
 * How far carriers, simulators and official descriptions agree: every exchange of a full tour (search, order, papers,
 * release, traffic, refusals) judged by the vendor's own description, and the carrier contract. Ends with 1 on a failure.
 */
const folder = specsFolder();
const carriers = judgedCarriers();
const contract = await contractResults(carriers.map(({ subject }) => subject.manifest.id));
const judgements: Judgement[] = [];
if (folder) for (const carrier of carriers) judgements.push(await judge(carrier, folder));

mkdirSync('reports', { recursive: true });
writeFileSync(
  'reports/conformance.json',
  `${JSON.stringify({ descriptions: folder ? 'checked' : 'absent', contract, judgements }, null, 2)}\n`,
);

console.table(
  contract.map(({ carrier, passed, failed }) => {
    const judged = judgements.find((one) => one.carrier === carrier);
    return {
      carrier,
      'contract passed': passed,
      'contract failed': failed.length,
      exchanges: judged?.exchanges ?? 'not checked',
      'of the SDK': judged?.sdkCalls ?? '-',
      described: judged?.described ?? '-',
      operations: judged?.operations.length ?? '-',
      webhooks: judged ? `${judged.webhooksChecked} of ${judged.webhooks}` : '-',
      failures: judged?.failures.length ?? '-',
      'known deviations': judged?.allowed.length ?? '-',
    };
  }),
);
for (const { carrier, failed } of contract) for (const name of failed) console.error(`contract  ${carrier}  ${name}`);
for (const { carrier, failures, allowed, silent } of judgements) {
  for (const one of failures)
    console.error(`FAILED    ${carrier}  ${one.side} ${one.where}: ${one.problem} (${one.times}×)`);
  for (const one of allowed)
    console.log(`deviates  ${carrier}  ${one.side} ${one.where}: ${one.problem} (${one.times}×): ${one.reason}`);
  for (const one of silent)
    console.log(`no word   ${carrier}  ${one.side} ${one.where}: ${one.problem} (${one.times}×)`);
}
const stale = folder ? DEVIATIONS.filter((known) => !judgements.some((one) => usesDeviation(one, known))) : [];
for (const { carrier, where, problem } of stale)
  console.error(`FAILED    ${carrier}  nothing deviates any more at ${where}: ${problem}`);
if (!folder)
  console.log(
    'The official descriptions are not here (folder ../shared/specs, or SPECS_DIR): only the contract was checked.',
  );
// CI may skip nothing: there the descriptions must be at hand.
const blind = !folder && process.env['CI'] !== undefined;
const unproved = blind || contract.some(({ passed, failed }) => failed.length > 0 || passed === 0);
process.exit(unproved || stale.length > 0 || judgements.some(({ failures }) => failures.length > 0) ? 1 : 0);

function usesDeviation(judgement: Judgement, { carrier, where, problem }: Deviation): boolean {
  const covers = (one: { where: string; problem: string }) =>
    one.where.includes(where) && one.problem.includes(problem);
  return judgement.carrier === carrier && judgement.allowed.some(covers);
}
