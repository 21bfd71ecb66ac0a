import { describe, expect, it } from 'vitest';
import { inboundDialects } from '../../../functions/inbound/dialects.ts';
import { STEP_KEY } from '../../../functions/inbound/step-seal.ts';
import { secretPlace, WEBHOOK_SECRETS } from '../../../functions/platform/aws/secret-place.ts';
import { type AwsSecretsOptions, awsSecrets } from '../../../functions/platform/aws/secrets.ts';
import { officialSecretCalls } from '../../../functions/platform/aws/secrets-official.ts';
import { signedCalls } from '../../../functions/platform/aws/signed.ts';
import { CallFailed, CallRefused, type TableCall } from '../../../functions/platform/aws/table-call.ts';
import type { Log } from '../../../functions/platform/log.ts';
import { SecretUnavailable } from '../../../functions/platform/secrets.ts';
import { systemClock, testClock } from '../../../local/engine/clock.ts';
import { secretsContract } from '../../contracts/secrets.ts';
import { type Act, answers, refuses, scriptedServer } from './scripted-server.ts';

type Versions = readonly [current: string, previous?: string];
const HOUR = 3_600;
const TOKEN = 'carriers/twilio/auth-token';
const KEY = 'carriers/telnyx/api-key';
const missing = () => new CallRefused({ code: 'ResourceNotFoundException', message: 'no such secret' });

/** Secrets Manager as a list of secrets with their last two versions; `down` makes the next answers errors. */
function lab(held: Record<string, Versions> = {}, options: Partial<AwsSecretsOptions> = {}) {
  const asked: string[] = [];
  const logged: unknown[] = [];
  const state: { down: Error | undefined; formerDown: Error | undefined } = { down: undefined, formerDown: undefined };
  const call: TableCall = async (operation, { SecretId, VersionStage }) => {
    const isCurrent = VersionStage === 'AWSCURRENT';
    asked.push(`${operation} ${SecretId} ${VersionStage}`);
    const fault = state.down ?? (isCurrent ? undefined : state.formerDown);
    if (fault) throw fault;
    const text = held[String(SecretId)]?.[isCurrent ? 0 : 1];
    if (text === undefined) throw missing();
    return { SecretString: text };
  };
  const note = (...said: unknown[]) => void logged.push(...said.map((one) => (one instanceof Error ? one.stack : one)));
  const log: Log = { info: note, warn: note, error: note };
  const clock = testClock();
  const secrets = awsSecrets({ call, prefix: 'ng/prod', clock, log, ...options });
  return { secrets, asked, logged, state, clock, held };
}
const webhooks = (members: object, before?: object): Record<string, Versions> => ({
  'ng/prod/webhooks': before ? [JSON.stringify(members), JSON.stringify(before)] : [JSON.stringify(members)],
});

describe('secrets of Secrets Manager', () => {
  secretsContract(async (versions) => {
    const held: Record<string, Record<string, unknown>> = {};
    for (const [name, value] of Object.entries(versions)) {
      const { secretId, field } = secretPlace('ng/prod', name);
      held[secretId] = { ...held[secretId], [field]: value };
    }
    return lab(Object.fromEntries(Object.entries(held).map(([id, members]) => [id, [JSON.stringify(members)]])))
      .secrets;
  });

  it('lie in three places: what inbound reads, each carrier, the gateway', () => {
    expect(secretPlace('p', TOKEN)).toEqual({ secretId: 'p/webhooks', field: TOKEN });
    expect(secretPlace('p', 'inbound/step-key').secretId).toBe('p/webhooks');
    expect(secretPlace('p', KEY)).toEqual({ secretId: 'p/carriers/telnyx', field: KEY });
    expect(secretPlace('p', 'cursor/key')).toEqual({ secretId: 'p/gateway', field: 'cursor/key' });
  });
  it('what inbound reads is one secret: the list is that of its dialects', () => {
    const read = Object.values(inboundDialects('https://gateway.example.com')).flatMap(({ secrets }) =>
      Object.values(secrets),
    );

    expect([...WEBHOOK_SECRETS].toSorted()).toEqual([...read, STEP_KEY.secret].toSorted());
  });
});

describe('rotation (X8)', () => {
  it('counts the version before beside a plain text', async () => {
    const { secrets } = lab(webhooks({ [TOKEN]: ' new ' }, { [TOKEN]: 'old' }));

    expect(await secrets.read(TOKEN)).toEqual(['new', 'old']);
  });
  it('a list says itself what is valid, and needs one reading only', async () => {
    const { secrets, asked } = lab(webhooks({ [TOKEN]: ['new'] }, { [TOKEN]: 'old' }));

    expect(await secrets.read(TOKEN)).toEqual(['new']);
    expect(asked).toEqual(['GetSecretValue ng/prod/webhooks AWSCURRENT']);
  });
  it('a list is believed also where others beside it are plain', async () => {
    const { secrets } = lab(webhooks({ [TOKEN]: ['new'], other: 'x' }, { [TOKEN]: 'old' }));

    expect(await secrets.read(TOKEN)).toEqual(['new']);
  });
  it('a text that follows a list is the end of the rotation: what was taken away counts no more', async () => {
    const { secrets } = lab(webhooks({ [TOKEN]: 'new' }, { [TOKEN]: ['new', 'old'] }));

    expect(await secrets.read(TOKEN)).toEqual(['new']);
  });
  it('another secret changed beside it makes no second version', async () => {
    const { secrets } = lab(webhooks({ [TOKEN]: 'same', x: '2' }, { [TOKEN]: 'same', x: '1' }));

    expect(await secrets.read(TOKEN)).toEqual(['same']);
  });
  it('a placeholder that was replaced is no former version', async () => {
    const { secrets } = lab(webhooks({ [TOKEN]: 'new' }, { [TOKEN]: 'change-me' }));

    expect(await secrets.read(TOKEN)).toEqual(['new']);
  });
  it('is seen after five minutes, or at once where nothing may be kept', async () => {
    const usual = lab(webhooks({ [TOKEN]: ['one'] }));
    const inbound = lab(webhooks({ [TOKEN]: ['one'] }), { freshSeconds: 1, keptSeconds: 0 });
    for (const { secrets, held } of [usual, inbound]) {
      expect(await secrets.read(TOKEN)).toEqual(['one']);
      Object.assign(held, webhooks({ [TOKEN]: ['two', 'one'] }));
    }
    usual.clock.advance(300);
    inbound.clock.advance(2);
    expect(await usual.secrets.read(TOKEN)).toEqual(['one']);
    expect(await inbound.secrets.read(TOKEN)).toEqual(['two', 'one']);
    usual.clock.advance(1);
    expect(await usual.secrets.read(TOKEN)).toEqual(['two', 'one']);
  });
  it('goes on with the present version when the former cannot be read, and asks for it again soon', async () => {
    const { secrets, state, clock } = lab(webhooks({ [TOKEN]: 'new' }, { [TOKEN]: 'old' }));
    state.formerDown = new CallFailed('throttled');
    expect(await secrets.read(TOKEN)).toEqual(['new']);
    state.formerDown = undefined;
    expect(await secrets.read(TOKEN)).toEqual(['new']);
    clock.advance(11);
    expect(await secrets.read(TOKEN)).toEqual(['new', 'old']);
  });
});

describe('a secret whose former version holds nothing (X8)', () => {
  it.each([
    ['is not there', undefined],
    ['was made empty', ''],
    ['was generated as a text', 'q8J2kd…'],
    ['is a list', '["old"]'],
  ])('that %s is whole: no error, and read again after five minutes only', async (_, former) => {
    const current = JSON.stringify({ [TOKEN]: 'new' });
    const { secrets, asked, logged, clock } = lab({
      'ng/prod/webhooks': former === undefined ? [current] : [current, former],
    });

    expect(await secrets.read(TOKEN)).toEqual(['new']);
    clock.advance(300);
    expect(await secrets.read(TOKEN)).toEqual(['new']);

    expect(logged).toEqual([]);
    expect(asked).toHaveLength(2);
  });
});

describe('what is no secret', () => {
  it.each([
    ['an empty text', ''],
    ['a blank', '  '],
    ['a placeholder', 'CHANGE_ME'],
    ['what a form asks for', '<your token>'],
    ['an empty list', []],
    ['a list with an empty one', ['new', '']],
    ['a number', 7],
    ['nothing', null],
  ])('%s is an error and not a value', async (_, value) => {
    const { secrets } = lab(webhooks({ [TOKEN]: value }));

    await expect(secrets.find(TOKEN)).rejects.toThrow(SecretUnavailable);
    await expect(secrets.read(TOKEN)).rejects.toThrow(SecretUnavailable);
  });
  it.each(['', 'not json', '["a"]', '"a"', 'null'])(
    'a secret that holds %j is an error, and is quoted nowhere',
    async (text) => {
      const planted = `${text}${text === '' ? '' : ' '}`;
      const { secrets, logged } = lab({ 'ng/prod/webhooks': [planted] });

      await expect(secrets.find(TOKEN)).rejects.toThrow(SecretUnavailable);
      if (text === 'not json') expect(JSON.stringify(logged)).not.toContain('not json');
    },
  );
  it('a member that is not there is not found, in a secret that is and in one that is not', async () => {
    const { secrets } = lab(webhooks({}));

    expect(await secrets.find(TOKEN)).toBeUndefined();
    expect(await secrets.find('cursor/key')).toBeUndefined();
    await expect(secrets.read('cursor/key')).rejects.toThrow('cursor/key is not set');
  });
  it.each(['__proto__', 'constructor', 'toString'])('no secret is called %s', async (name) => {
    expect(await lab({ 'ng/prod/gateway': ['{}'] }).secrets.find(name)).toBeUndefined();
  });
});

describe('a store that is down (V7)', () => {
  it.each([
    ['not reached', new CallFailed('reset')],
    ['refusing', new CallRefused({ code: 'AccessDeniedException', message: 'no' })],
    ['without its key', new CallRefused({ code: 'DecryptionFailure', message: 'no' })],
  ])('is an error at the first reading (%s)', async (_, fault) => {
    const { secrets, state } = lab(webhooks({ [TOKEN]: 'new' }));
    state.down = fault;

    await expect(secrets.find(TOKEN)).rejects.toThrow(SecretUnavailable);
    state.down = undefined;
    expect(await secrets.find(TOKEN)).toEqual(['new']);
  });
  it('is bridged for an hour, and no longer', async () => {
    const { secrets, state, clock, logged } = lab(webhooks({ [TOKEN]: ['new'] }));
    await secrets.read(TOKEN);
    state.down = new CallFailed('down');

    clock.advance(HOUR);
    expect(await secrets.read(TOKEN)).toEqual(['new']);
    expect(logged).toContainEqual({ secret: 'ng/prod/webhooks', kept: true });
    clock.advance(1);
    await expect(secrets.read(TOKEN)).rejects.toThrow(SecretUnavailable);
    state.down = undefined;
    expect(await secrets.read(TOKEN)).toEqual(['new']);
  });
  it('is not asked by every caller: once in ten seconds', async () => {
    const { secrets, state, clock, asked } = lab(webhooks({ [TOKEN]: ['new'] }));
    await secrets.read(TOKEN);
    state.down = new CallFailed('down');
    clock.advance(400);
    for (let n = 0; n < 20; n++) await secrets.read(TOKEN);
    expect(asked).toHaveLength(2);
    clock.advance(11);
    await secrets.read(TOKEN);
    expect(asked).toHaveLength(3);
  });
  it('X1: a clock that jumps back makes nothing young', async () => {
    const time = testClock();
    const offset = { ms: 0 };
    const clock = { ...time, now: () => new Date(time.now().getTime() + offset.ms) };
    const { secrets, state, asked } = lab(webhooks({ [TOKEN]: ['new'] }), { clock });
    await secrets.read(TOKEN);
    offset.ms = -600_000;
    await secrets.read(TOKEN);
    expect(asked).toHaveLength(2);
    state.down = new CallFailed('down');
    offset.ms = -3 * HOUR * 1_000;
    await expect(secrets.read(TOKEN)).rejects.toThrow(SecretUnavailable);
  });
});

describe('reading at the same moment', () => {
  it('is one reading for all names of a secret', async () => {
    const { secrets, asked } = lab(webhooks({ [TOKEN]: ['a'], 'inbound/step-key': ['b'] }));
    const found = await Promise.all([secrets.read(TOKEN), secrets.read('inbound/step-key'), secrets.find(TOKEN)]);

    expect(found).toEqual([['a'], ['b'], ['a']]);
    expect(asked).toHaveLength(1);
  });
});

describe('over the wire', () => {
  const text = JSON.stringify({ [TOKEN]: 'new' });
  const store: Act = (response, heard) => {
    const isCurrent = heard.json['VersionStage'] === 'AWSCURRENT';
    const act = isCurrent ? answers({ SecretString: text }) : refuses('ResourceNotFoundException');
    act(response, heard);
  };
  const here = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };

  it.each<[string, (endpoint: string) => TableCall]>([
    [
      'the official client',
      (endpoint) => {
        Object.assign(process.env, here, { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint });
        return officialSecretCalls();
      },
    ],
    [
      'the signed requests',
      (endpoint) =>
        signedCalls({ service: 'secretsmanager', region: 'us-east-1', endpoint, env: here, clock: systemClock() }),
    ],
  ])('reads the two versions over %s', async (_, transport) => {
    const server = await scriptedServer([store]);
    const { secrets } = lab({}, { call: transport(server.url) });

    expect(await secrets.read(TOKEN)).toEqual(['new']);
    expect(server.heard.map(({ headers, json }) => [headers['x-amz-target'], json])).toEqual([
      ['secretsmanager.GetSecretValue', { SecretId: 'ng/prod/webhooks', VersionStage: 'AWSCURRENT' }],
      ['secretsmanager.GetSecretValue', { SecretId: 'ng/prod/webhooks', VersionStage: 'AWSPREVIOUS' }],
    ]);
    await server.close();
  });
});
