import { type App, type Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { ACKNOWLEDGEMENTS, type Acknowledgement } from './acknowledgements.ts';
import type { StageSettings } from './settings.ts';

const PACKS = [AwsSolutionsChecks, ServerlessChecks, NIST80053R5Checks, PCIDSS321Checks] as const;

/** One thing a rule found at one construct. */
export interface Finding {
  /** As it must be acknowledged: `AwsSolutions::AwsSolutions-IAM5[Resource::*]`. */
  readonly id: string;
  /** Path of the construct below the stack. */
  readonly path: string;
}

/** What the packs find in a stack and nothing acknowledges. */
export function findingsIn(app: App, stack: Stack): readonly Finding[] {
  const below = `${stack.node.path}/`;
  return PACKS.flatMap((Pack) => {
    const pack = new Pack(app);
    return pack.validateScope(stack).violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => ({
        id: `${pack.name}::${ruleName}`,
        path: constructPath.slice(constructPath.startsWith(below) ? below.length : 0),
      })),
    );
  });
}

/**
 * Acknowledges what the list accepts and lets the packs judge the rest at synthesis, which fails on any finding left.
 * Throws when an acknowledgement matches nothing: what is no longer needed would hide the next finding of its kind.
 */
export function addRulePacks(
  app: App,
  stack: Stack,
  settings: StageSettings,
  acknowledgements: readonly Acknowledgement[] = ACKNOWLEDGEMENTS,
): void {
  const findings = findingsIn(app, stack);
  const due = acknowledgements.filter(({ stage }) => stage === undefined || settings[stage]);
  const matched = due.map((one) => ({ one, found: findings.filter((finding) => isMatch(one, finding)) }));
  const idle = matched.filter(({ found }) => found.length === 0).map(({ one }) => `${one.rule} at "${one.at}"`);
  if (idle.length > 0) throw new Error(`Acknowledgements that match nothing: ${idle.join('; ')}`);
  for (const { one, found } of matched)
    for (const { id, path } of found) {
      const construct = path.split('/').reduce<IConstruct>((scope, part) => scope.node.findChild(part), stack);
      Validations.of(construct).acknowledge({ id, reason: one.reason });
    }
  Validations.of(app).addPlugins(...PACKS.map((Pack) => new Pack(app)));
}

function isMatch({ rule, at, finding }: Acknowledgement, { id, path }: Finding): boolean {
  const [, found, details = ''] = /^([^[]+)(?:\[(.*)\])?$/.exec(id) ?? [];
  const isInside = at === '' || path === at || path.startsWith(`${at}/`);
  return found === rule && isInside && (finding?.test(details) ?? true);
}
