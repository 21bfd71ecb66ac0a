import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { secretPlace, WEBHOOK_SECRETS } from '../../functions/platform/aws/secret-place.ts';
import { NEEDED, readVariables } from '../../functions/platform/aws/settings.ts';
import { TABLE } from '../../functions/platform/aws/table-shape.ts';
import { COUNTED } from '../../infra/constructs/log-counts.ts';
import { logicalIdOf } from '../../infra/constructs/workflows.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../infra/table-rights.ts';
import { FUNCTIONS, MACHINES } from '../../statemachines/rooms.ts';
import { ofType, synthesise } from './synthesised.ts';

const kept = synthesise('prod', { acknowledgements: 'no packs' });
const given = synthesise('emulator', { acknowledgements: 'no packs' });
const functionOf = (name: FunctionName) =>
  ofType(kept, 'AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === `numbergate-prod-${name}`)
    ?.Properties;

describe('the five functions', () => {
  it('are these and no others, on the Node of the tests and on arm64', () => {
    const all = ofType(kept, 'AWS::Lambda::Function').map(({ Properties }) => Properties);

    expect(all.map(({ FunctionName: name }) => name).toSorted()).toEqual(
      FUNCTION_NAMES.map((name) => `numbergate-prod-${name}`).toSorted(),
    );
    for (const { Runtime, Architectures, Handler } of all)
      expect([Runtime, Architectures, Handler]).toEqual(['nodejs24.x', ['arm64'], 'handler.handler']);
  });
  it.each(FUNCTION_NAMES)('%s is given what it declares to need, and no secret', (name) => {
    const { Variables } = functionOf(name).Environment;

    expect(Object.keys(Variables).toSorted()).toEqual([...NEEDED[name]].toSorted());
    const filled = Object.fromEntries(
      Object.entries(Variables).map(([variable, value]) => [
        variable,
        typeof value === 'string' ? value : sampleOf(variable),
      ]),
    );
    expect(() => readVariables(name, filled)).not.toThrow();
  });
  it('V9: inbound has environments of its own in every stage, unless a small account keeps none', () => {
    const small = synthesise('dev', { set: { reserved: { inbound: 0, carriers: 5 } }, acknowledgements: 'no packs' });
    const reserved = (template: typeof kept) =>
      Object.fromEntries(
        ofType(template, 'AWS::Lambda::Function').flatMap(({ Properties }) =>
          'ReservedConcurrentExecutions' in Properties
            ? [[Properties.FunctionName.split('-').at(-1), Properties.ReservedConcurrentExecutions]]
            : [],
        ),
      );

    expect([kept, given, small].map(reserved)).toEqual([{ inbound: 200 }, { inbound: 100 }, { carriers: 5 }]);
  });
  it('write JSON, and the platform beside them only what went wrong: its lines of each call would be dearer than ours (W2)', () => {
    for (const name of FUNCTION_NAMES)
      expect(functionOf(name).LoggingConfig).toMatchObject({
        LogFormat: 'JSON',
        SystemLogLevel: 'WARN',
        ApplicationLogLevel: 'TRACE',
      });
  });
  it('are traced, but for the one that answers carriers (W2)', () => {
    const modes = FUNCTION_NAMES.map((name) => [name, functionOf(name).TracingConfig?.Mode]);

    expect(Object.fromEntries(modes)).toEqual({
      ...{ api: 'Active', carriers: 'Active', requests: 'Active', jobs: 'Active' },
      inbound: undefined,
    });
  });
  it('outlive every state that calls them, else a workflow hears of the end too late', () => {
    for (const { machine, state, seconds, calls } of statesThatCall())
      expect([machine, state, seconds < (functionOf(calls).Timeout as number) + 5]).toEqual([machine, state, true]);
  });
});

/** A value known only after deployment. */
const sampleOf = (variable: string): string =>
  /URL|ISSUER/.test(variable)
    ? 'https://numbers.example'
    : variable === 'PUBLIC_URL'
      ? 'https://numbers.example'
      : 'given';

function statesThatCall() {
  return Object.entries(MACHINES).flatMap(([machine, { file }]) => {
    const { States } = JSON.parse(readFileSync(join('statemachines', file), 'utf8'));
    return tasksIn(States).flatMap(({ state, task }) =>
      task.Resource.endsWith('waitForTaskToken')
        ? []
        : [
            {
              machine,
              state,
              seconds: task.TimeoutSeconds,
              calls: FUNCTIONS[task.Arguments.FunctionName.slice(2, -1) as keyof typeof FUNCTIONS],
            },
          ],
    );
  });
}
interface Task {
  readonly Resource: string;
  readonly TimeoutSeconds: number;
  readonly Arguments: { readonly FunctionName: string };
}
interface State extends Partial<Task> {
  readonly Type: string;
  readonly ItemProcessor?: { readonly States: States };
  readonly Branches?: readonly { readonly States: States }[];
}
type States = Readonly<Record<string, State>>;
function tasksIn(states: States): readonly { readonly state: string; readonly task: Task }[] {
  return Object.entries(states).flatMap(([state, body]) => {
    const parts = [...(body.ItemProcessor ? [body.ItemProcessor] : []), ...(body.Branches ?? [])];
    const own = body.Type === 'Task' ? [{ state, task: body as State & Task }] : [];
    return [...own, ...parts.flatMap((part) => tasksIn(part.States))];
  });
}

interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly { readonly AttributeName: string }[];
}

describe('what holds data', () => {
  const HOLDS =
    /^AWS::(DynamoDB::GlobalTable|S3::Bucket|SecretsManager::Secret|KMS::Key|Cognito::UserPool|Logs::LogGroup|SQS::Queue|StepFunctions::StateMachine)$/;
  const holders = (template: typeof kept) => Object.values(template.Resources).filter(({ Type }) => HOLDS.test(Type));

  it('outlives the stack where a stage keeps its data', () => {
    expect(holders(kept).length).toBeGreaterThan(20);
    expect(
      holders(kept)
        .filter(
          ({ DeletionPolicy, UpdateReplacePolicy }) =>
            DeletionPolicy !== 'RetainExceptOnCreate' || UpdateReplacePolicy !== 'Retain',
        )
        .map(({ Type }) => Type),
    ).toEqual([]);
    for (const [, template] of Object.entries({ kept })) {
      const [table] = ofType(template, 'AWS::DynamoDB::GlobalTable');
      expect(table?.Properties.Replicas[0]).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
      expect(ofType(template, 'AWS::Cognito::UserPool')[0]?.Properties.DeletionProtection).toBe('ACTIVE');
    }
  });
  it('goes with it where a stage is thrown away', () => {
    expect(holders(given).filter(({ DeletionPolicy }) => DeletionPolicy !== 'Delete')).toEqual([]);
  });
  it('the table has the shape the code reads it by', () => {
    const [table] = ofType(kept, 'AWS::DynamoDB::GlobalTable');
    const { KeySchema, GlobalSecondaryIndexes, TimeToLiveSpecification, BillingMode, StreamSpecification } =
      table?.Properties ?? {};
    const keyOf = (keys: readonly { AttributeName: string }[]) => keys.map(({ AttributeName }) => AttributeName);

    expect(keyOf(KeySchema)).toEqual([TABLE.partitionKey, TABLE.sortKey]);
    expect(
      Object.fromEntries(GlobalSecondaryIndexes.map((index: Index) => [index.IndexName, keyOf(index.KeySchema)])),
    ).toEqual(Object.fromEntries(Object.entries(TABLE.indexes).map(([name, { pk, sk }]) => [name, [pk, sk]])));
    expect(TimeToLiveSpecification).toEqual({ AttributeName: TABLE.ttl, Enabled: true });
    expect([BillingMode, StreamSpecification.StreamViewType]).toEqual(['PAY_PER_REQUEST', 'NEW_AND_OLD_IMAGES']);
  });
  it('logs end after the days a stage says', () => {
    for (const { Properties } of ofType(kept, 'AWS::Logs::LogGroup')) expect(Properties.RetentionInDays).toBe(365);
  });
  it('secrets are made empty, but for our own keys; carriers’ are nobody’s placeholder', () => {
    const secrets = ofType(kept, 'AWS::SecretsManager::Secret').map(({ Properties }) => Properties);
    const generated = secrets.filter(({ GenerateSecretString }) => GenerateSecretString);

    expect(secrets.filter(({ SecretString }) => SecretString)).toEqual([]);
    expect(generated.map(({ Name, GenerateSecretString }) => [Name, GenerateSecretString.GenerateStringKey])).toEqual([
      ['numbergate/prod/webhooks', 'inbound/step-key'],
      ['numbergate/prod/gateway', 'cursor/key'],
    ]);
    for (const name of [...WEBHOOK_SECRETS, 'cursor/key', 'carriers/telnyx/api-key', 'carriers/vonage/api-secret'])
      expect(secrets.map(({ Name }) => Name)).toContain(secretPlace('numbergate/prod', name).secretId);
  });
});

describe('the workflows', () => {
  it('are the files of the one-machine engine with functions filled in', () => {
    for (const [name, { file }] of Object.entries(MACHINES)) {
      const { Properties } = kept.Resources[logicalIdOf(name)] ?? { Properties: {} };
      expect(JSON.parse(Properties.DefinitionString)).toEqual(
        JSON.parse(readFileSync(join('statemachines', file), 'utf8')),
      );
      expect([Properties.StateMachineType, Properties.StateMachineName]).toEqual([
        'STANDARD',
        `numbergate-prod-${name}`,
      ]);
    }
  });
  it('log what happened and never what was said: tokens are in it (I14)', () => {
    for (const { Properties } of ofType(kept, 'AWS::StepFunctions::StateMachine')) {
      const { Level, IncludeExecutionData } = Properties.LoggingConfiguration;
      expect([Level, IncludeExecutionData ?? false]).toEqual(['ALL', false]);
    }
  });
});

describe('what wakes the function of the jobs', () => {
  const rules = ofType(kept, 'AWS::Events::Rule').map(({ Properties }) => Properties);
  const jobs = ofType(kept, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties.FunctionName === 'numbergate-prod-jobs',
  )?.id;

  it('I4: the minute, uploads and executions that ended badly reach it, and what it cannot take is kept', () => {
    expect(
      rules.map(({ Name, Targets: [target, ...more] }) => [Name, target.Arn, Boolean(target.DeadLetterConfig), more]),
    ).toEqual(
      ['sweep', 'uploads', 'bad-ends'].map((name) => [
        `numbergate-prod-${name}`,
        { 'Fn::GetAtt': [jobs, 'Arn'] },
        true,
        [],
      ]),
    );
  });
  it('B1: a minute that does not come is heard of, however busy the function is otherwise', () => {
    const silent = ofType(kept, 'AWS::CloudWatch::Alarm').find(
      ({ Properties }) => Properties.AlarmName === 'numbergate-prod-sweep-silent',
    )?.Properties;
    const sweep = ofType(kept, 'AWS::Events::Rule').find(
      ({ Properties }) => Properties.Name === 'numbergate-prod-sweep',
    );

    expect([silent.Namespace, silent.TreatMissingData, silent.Dimensions]).toEqual([
      'AWS/Events',
      'breaching',
      [{ Name: 'RuleName', Value: { Ref: sweep?.id } }],
    ]);
  });
});

describe('the front door', () => {
  const lines = ofType(kept, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties.RouteKey as string);

  it('has these lines', () => {
    expect(lines.toSorted()).toEqual([
      '$default',
      'ANY /v1/available-numbers',
      'ANY /v1/carriers',
      'ANY /v1/carriers/{carrier}',
      'ANY /v1/countries/{code}/requirements',
      'ANY /v1/{proxy+}',
      'GET /fallback/{proxy+}',
      'GET /inbound/{proxy+}',
      'POST /inbound/{proxy+}',
    ]);
  });
  it('throttles each of them', () => {
    const { RouteSettings, DefaultRouteSettings } = ofType(kept, 'AWS::ApiGatewayV2::Stage')[0]?.Properties ?? {};

    expect([...Object.keys(RouteSettings), '$default'].toSorted()).toEqual(lines.toSorted());
    expect(RouteSettings['ANY /v1/available-numbers']).toMatchObject({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 100,
    });
    expect(DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 });
  });
  it('limits no line before it is there: the service refuses the stage otherwise', () => {
    for (const template of [kept, given]) {
      const [stage] = ofType(template, 'AWS::ApiGatewayV2::Stage');
      const limited = Object.keys(stage?.Properties.RouteSettings ?? {});
      const routes = ofType(template, 'AWS::ApiGatewayV2::Route').filter(({ Properties }) =>
        limited.includes(Properties.RouteKey),
      );

      expect(routes.length).toBe(lines.length - 1);
      expect(routes.filter(({ id }) => !stage?.DependsOn?.includes(id))).toEqual([]);
    }
  });
  it('logs no path and no query: some carriers have their secret there (I14)', () => {
    const { Format } = ofType(kept, 'AWS::ApiGatewayV2::Stage')[0]?.Properties.AccessLogSettings ?? {};

    expect(Format).toContain('$context.routeKey');
    expect(Format).not.toMatch(/\$context\.(path|http\.path|http\.querystring|domainName|authorizer)/i);
  });
});

describe('alarms', () => {
  const source = readdirSync('functions', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join('functions', file), 'utf8'))
    .join('\n');
  const alarms = ofType(kept, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  const runbookOf = (description: string): string =>
    /docs\/runbooks\/[a-z0-9-]+\.md/.exec(description)?.[0] ?? description;

  it('name a runbook that exists, and tell somebody', () => {
    expect(alarms.length).toBeGreaterThan(25);
    for (const { AlarmName, AlarmDescription, AlarmActions } of alarms)
      expect([AlarmName, existsSync(runbookOf(AlarmDescription)), AlarmActions.length]).toEqual([AlarmName, true, 1]);
  });
  it('every runbook belongs to an alarm and says what to look at and what to do', () => {
    const rung = new Set(alarms.map(({ AlarmDescription }) => runbookOf(AlarmDescription)));
    const files = readdirSync('docs/runbooks')
      .filter((file) => file !== 'README.md')
      .map((file) => `docs/runbooks/${file}`);

    expect(files.toSorted()).toEqual([...rung].toSorted());
    for (const file of files)
      expect(readFileSync(file, 'utf8')).toMatch(
        /^# .+\n[\s\S]*\n## What it means\n[\s\S]*\n## Look\n[\s\S]*\n## Do\n/,
      );
  });
  it('X2: hear of each index that is over its limits, not of the table alone', () => {
    const watched = alarms
      .filter(({ MetricName }) => MetricName === 'WriteThrottleEvents')
      .map(({ Dimensions }) => Dimensions.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]))
      .map((dimensions) => Object.fromEntries(dimensions)['GlobalSecondaryIndexName']);

    expect(watched).toEqual([undefined, ...Object.keys(TABLE.indexes)]);
  });
  it('are each named by the page that says what to do', () => {
    for (const { AlarmName, AlarmDescription } of alarms) {
      const name = AlarmName.replace('numbergate-prod-', '');
      const [rings = ''] = /^Rings: .+$/m.exec(readFileSync(runbookOf(AlarmDescription), 'utf8')) ?? [];
      expect([name, rings.includes(`\`${name}\``)]).toEqual([name, true]);
    }
  });
  it('have pages whose words for lines, states and fields are those of the code', () => {
    const pages = readdirSync('docs/runbooks').map((file) => readFileSync(join('docs/runbooks', file), 'utf8'));
    const words = new Set(
      pages.flatMap((page) => [...page.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, word = '']) => word)),
    );

    expect(words.size).toBeGreaterThan(20);
    expect([...words].filter((word) => !source.includes(`'${word}'`))).toEqual([]);
  });
  it('count only log lines that the code writes', () => {
    for (const { events } of Object.values(COUNTED))
      for (const event of events)
        expect([event, new RegExp(`log\\.\\w+\\(\\s*'${event}'`).test(source)]).toEqual([event, true]);
  });
});

describe('audit entries', () => {
  it('I9: each change or removal of one is told, without what it said', () => {
    const [pipe] = ofType(kept, 'AWS::Pipes::Pipe');
    const { SourceParameters, TargetParameters } = pipe?.Properties ?? {};
    const [{ Pattern }] = SourceParameters.FilterCriteria.Filters;

    expect(JSON.parse(Pattern)).toEqual({
      eventName: ['MODIFY', 'REMOVE'],
      dynamodb: { Keys: { pk: { S: [{ prefix: 'AUD#' }] } } },
    });
    expect(TargetParameters.InputTemplate).not.toContain('Image');
  });
  it('are watched in a restored table as well: its stream replaces the pipe, which a name would forbid', () => {
    const streamArn = 'arn:aws:dynamodb:eu-central-1:123456789012:table/restored/stream/2026-08-01T12:00:00.000';
    const restored = synthesise('prod', {
      set: { restoredTable: { name: 'restored', streamArn } },
      acknowledgements: 'no packs',
    });
    const [before] = ofType(kept, 'AWS::Pipes::Pipe');
    const [after] = ofType(restored, 'AWS::Pipes::Pipe');

    expect([after?.Properties.Source, before?.Properties.Name, after?.Properties.Name]).toEqual([
      streamArn,
      undefined,
      undefined,
    ]);
  });
});
