import { describe, expect, it, onTestFinished } from 'vitest';
import { ACKNOWLEDGEMENTS } from '../../infra/acknowledgements.ts';
import { addRulePacks, findingsIn } from '../../infra/rule-packs.ts';
import { stackOf, synthesise } from './synthesised.ts';

const LONG = { timeout: 60_000 };
const DOMAIN = {
  name: 'api.numbers.example',
  certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/a',
};

describe('rule packs AwsSolutions, Serverless, NIST 800-53 R5 and PCI DSS 3.2.1', () => {
  it.each([
    ['dev', {}],
    ['emulator', {}],
    ['prod', { account: '123456789012', region: 'eu-central-1', domain: DOMAIN, reserved: { inbound: 0 } }],
  ])('%s has no finding that is not acknowledged', LONG, (stage, set) => {
    expect(() => synthesise(stage, { set })).not.toThrow();
  });
  it('see the whole stack: all four find something in it', LONG, () => {
    const { app, stack, done } = stackOf('dev');
    onTestFinished(done);

    const packs = new Set(findingsIn(app, stack).map(({ id }) => id.split('::')[0]));

    expect([...packs].toSorted()).toEqual(['AwsSolutions', 'NIST.800.53.R5', 'PCI.DSS.321', 'Serverless']);
  });
  it('stop the synthesis when one finding is not in the list', LONG, () => {
    const without = ACKNOWLEDGEMENTS.filter(({ rule }) => !rule.endsWith('-APIG4'));

    expect(() => synthesise('dev', { acknowledgements: without })).toThrow('AwsSolutions::AwsSolutions-APIG4');
  });
  it('stop it when an acknowledgement matches nothing', LONG, () => {
    const idle = { rule: 'AwsSolutions::AwsSolutions-RDS2', at: '', reason: 'There is no database of that kind.' };
    const { app, stack, settings, done } = stackOf('dev');
    onTestFinished(done);

    expect(() => addRulePacks(app, stack, settings, [...ACKNOWLEDGEMENTS, idle])).toThrow(
      'Acknowledgements that match nothing: AwsSolutions::AwsSolutions-RDS2 at ""',
    );
  });
  it('are acknowledged with a reason that says something', () => {
    for (const { rule, reason } of ACKNOWLEDGEMENTS) expect([rule, reason.split(' ').length > 3]).toEqual([rule, true]);
  });
});
