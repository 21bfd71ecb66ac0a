import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStage } from '../../infra/settings.ts';

const { stages } = JSON.parse(readFileSync('cdk.json', 'utf8')).context as { stages: Record<string, object> };
const read = (given: Readonly<Record<string, unknown>>) =>
  readStage({ tryGetContext: (name: string) => ({ stages, ...given })[name] });

describe('settings of a stage', () => {
  it.each(Object.keys(stages))('%s of cdk.json holds', (stage) => {
    expect(read({ stage }).stage).toBe(stage);
  });
  it('is dev when none is named', () => {
    expect(read({}).stage).toBe('dev');
  });
  it('names the stages there are when it is none of them', () => {
    expect(() => read({ stage: 'staging' })).toThrow(
      'There is no stage "staging" in cdk.json; there are: dev, prod, emulator',
    );
  });
  it.each(['myaws', 'cognito1', 'Dev', 'a-stage-too-long'])(
    'refuses the stage name %s: AWS would, in the middle',
    (stage) => {
      expect(() => read({ stage, stages: { ...stages, [stage]: stages['dev'] } })).toThrow(`Stage "${stage}": `);
    },
  );
  it('names everything that is wrong at once', () => {
    const wrong = { dev: { ...stages['dev'], logDays: 12, csMail: 'nobody', colour: 'red' } };

    expect(() => read({ stages: wrong })).toThrow(/Stage "dev" in cdk.json: .*logDays.*csMail.*colour/s);
  });
  it('takes single settings from the command line over those of the file', () => {
    expect(read({ set: '{"logDays":7,"publicUrl":"https://numbers.example"}' })).toMatchObject({
      logDays: 7,
      publicUrl: 'https://numbers.example',
      sipDomain: 'sip.dev.numbergate.example',
    });
  });
  it.each(['7', '[]', 'logDays=7'])('refuses -c set=%s with an example', (set) => {
    expect(() => read({ set })).toThrow('-c set takes a JSON object such as {"logDays":7}');
  });
  it('V9: keep environments for inbound when nothing is said, enough for all that the front door lets in at 0.1 s each', () => {
    const { reserved: _, ...silent } = stages['dev'] as Record<string, unknown>;

    expect(read({ stages: { dev: silent } }).reserved).toEqual({ inbound: 100, carriers: 0 });
    for (const stage of Object.keys(stages)) {
      const { reserved, throttle } = read({ stage });
      expect([stage, reserved.inbound >= throttle.inbound.rate * 0.1]).toEqual([stage, true]);
    }
  });
  it('V9: keep none where 0 is said, and say so to whoever writes something else', () => {
    expect(read({ set: '{"reserved":{"inbound":0}}' }).reserved.inbound).toBe(0);
    for (const wrong of [null, -1, 'off', false])
      expect(() => read({ set: JSON.stringify({ reserved: { inbound: wrong } }) })).toThrow(
        /reserved\.inbound: .*0 \(?reserves nothing/,
      );
  });
  it.each([{ passwordSignIn: true }, { carrierBaseUrls: { twilio: 'http://127.0.0.1:1' } }])(
    'refuses what is for tests where data is kept: %o',
    (more) => {
      expect(() => read({ stages: { dev: { ...stages['dev'], ...more } } })).toThrow('stages that keep no data');
    },
  );
});
