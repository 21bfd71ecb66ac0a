import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigw from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { prefixOf, type StageSettings } from '../settings.ts';
import type { FunctionName } from '../table-rights.ts';
import type { GatewayFunction } from './gateway-function.ts';
import { removal } from './removal.ts';

interface Line {
  readonly methods: readonly apigw.HttpMethod[];
  readonly path: string;
  readonly to: FunctionName;
  readonly limit: keyof StageSettings['throttle'];
}
const { ANY, GET, POST } = apigw.HttpMethod;

/**
 * Which function answers what (house style §1). Paths of the carriers function first: the more exact one wins. Anything else
 * reaches the api, so that an unknown path gets our problem document.
 */
export const LINES: readonly Line[] = [
  { methods: [ANY], path: '/v1/available-numbers', to: 'carriers', limit: 'search' },
  { methods: [ANY], path: '/v1/countries/{code}/requirements', to: 'carriers', limit: 'api' },
  { methods: [ANY], path: '/v1/carriers', to: 'carriers', limit: 'api' },
  { methods: [ANY], path: '/v1/carriers/{carrier}', to: 'carriers', limit: 'api' },
  { methods: [GET, POST], path: '/inbound/{proxy+}', to: 'inbound', limit: 'inbound' },
  { methods: [GET], path: '/fallback/{proxy+}', to: 'inbound', limit: 'inbound' },
  { methods: [ANY], path: '/v1/{proxy+}', to: 'api', limit: 'api' },
];

/** The front door. The functions behind it verify tokens, API keys and carriers' signatures themselves. */
export class FrontDoor extends Construct {
  readonly api: apigw.HttpApi;
  readonly accessLog: logs.LogGroup;
  /** As carriers and people reach the gateway. */
  readonly publicUrl: string;
  private readonly stage: apigw.HttpStage;

  constructor(scope: Construct, settings: StageSettings, logKey: IKey) {
    super(scope, 'FrontDoor');
    this.api = new apigw.HttpApi(this, 'Api', {
      apiName: prefixOf(settings),
      description: `Numbergate ${settings.stage}`,
      createDefaultStage: false,
      disableExecuteApiEndpoint: settings.domain !== undefined,
      ...(settings.consoleUrl ? { corsPreflight: browsersFrom(settings.consoleUrl) } : {}),
    });
    this.accessLog = new logs.LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/vendedlogs/http/${prefixOf(settings)}`,
      retention: settings.logDays,
      encryptionKey: logKey,
      removalPolicy: removal(settings),
    });
    this.stage = new apigw.HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: settings.throttle.api.rate, burstLimit: settings.throttle.api.burst },
      accessLogSettings: { destination: new apigw.LogGroupLogDestination(this.accessLog), format: ACCESS },
    });
    throttleLines(this.stage, settings);
    const given = settings.domain ? this.ownName(settings.domain, this.stage) : this.api.apiEndpoint;
    this.publicUrl = settings.publicUrl ?? given;
  }

  /**
   * Puts the functions behind their paths, each with one right to be called, by this API only. The stage comes after them: it
   * is refused as long as a line that it limits is not there.
   */
  serve(functions: Readonly<Record<FunctionName, GatewayFunction>>): void {
    const doors = new Map<FunctionName, HttpLambdaIntegration>();
    for (const { methods, path, to } of LINES) {
      const door = doors.get(to) ?? this.doorTo(to, functions[to]);
      doors.set(to, door);
      this.stage.node.addDependency(...this.api.addRoutes({ path, methods: [...methods], integration: door }));
    }
    const integration = doors.get('api') ?? this.doorTo('api', functions.api);
    new apigw.HttpRoute(this, 'AnythingElse', { httpApi: this.api, routeKey: apigw.HttpRouteKey.DEFAULT, integration });
  }

  private doorTo(name: FunctionName, { fn }: GatewayFunction): HttpLambdaIntegration {
    return new HttpLambdaIntegration(name, fn, {
      payloadFormatVersion: apigw.PayloadFormatVersion.VERSION_2_0,
      timeout: Duration.seconds(name === 'inbound' ? 5 : 29),
      scopePermissionToRoute: false,
    });
  }

  private ownName(domain: NonNullable<StageSettings['domain']>, stage: apigw.HttpStage): string {
    const name = new apigw.DomainName(this, 'Name', {
      domainName: domain.name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
      securityPolicy: apigw.SecurityPolicy.TLS_1_2,
    });
    new apigw.ApiMapping(this, 'Mapping', { api: this.api, domainName: name, stage });
    return `https://${domain.name}`;
  }
}

/** The construct has one limit for all; the resource takes one for each line. */
function throttleLines(stage: apigw.HttpStage, { throttle }: StageSettings): void {
  const { defaultChild } = stage.node;
  if (!(defaultChild instanceof apigw.CfnStage)) throw new Error('a stage without its resource');
  const settings = LINES.flatMap(({ methods, path, limit }) =>
    methods.map((method) => [
      `${method} ${path}`,
      {
        ThrottlingRateLimit: throttle[limit].rate,
        ThrottlingBurstLimit: throttle[limit].burst,
        DetailedMetricsEnabled: true,
      },
    ]),
  );
  defaultChild.routeSettings = Object.fromEntries(settings);
}

const browsersFrom = (origin: string): apigw.CorsPreflightOptions => ({
  allowOrigins: [origin],
  allowMethods: [apigw.CorsHttpMethod.ANY],
  allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'prefer', 'gateway-tenant'],
  exposeHeaders: [
    'etag',
    'location',
    'ratelimit',
    'ratelimit-policy',
    'retry-after',
    'idempotency-replayed',
    'request-id',
  ],
  maxAge: Duration.hours(1),
});

/**
 * No path and no query: carriers without signatures have their secret in them (I14). Only what no metric of the line tells:
 * it is paid for with each webhook, and the log itself knows the instant.
 */
const ACCESS = AccessLogFormat.custom(
  JSON.stringify({
    id: '$context.requestId',
    line: '$context.routeKey',
    status: '$context.status',
    error: '$context.integrationErrorMessage',
  }),
);
