import { cruise, type IForbiddenRuleType } from 'dependency-cruiser';
import config from '../.dependency-cruiser.cjs';

/**
 * The layering check. Fails on a forbidden import and also when it saw (nearly) no modules: a cruiser that cannot read
 * TypeScript reports "0 modules" and would pass.
 */
const roots = ['functions', 'local', 'cli', 'statemachines', 'infra', 'scripts'];
const answer = await cruise(roots, {
  ...config.options,
  ruleSet: { forbidden: config.forbidden as IForbiddenRuleType[] },
  validate: true,
});
if (typeof answer.output === 'string') throw new Error('the cruiser gave text instead of a result');
const { totalCruised, violations } = answer.output.summary;
const ours = answer.output.modules.filter((module) => !module.source.startsWith('node_modules')).length;
for (const found of violations) console.error(`${found.rule.severity} ${found.rule.name}: ${found.from} → ${found.to}`);
console.log(`layers: ${ours} modules of ours, ${totalCruised} in all, ${violations.length} violations`);
if (ours < 20) console.error('too few modules seen: the check is blind');
process.exit(violations.length > 0 || ours < 20 ? 1 : 0);
