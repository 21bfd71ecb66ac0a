import { ArnFormat, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './constructs/alarms.ts';
import { FrontDoor } from './constructs/api.ts';
import { AuditWatch } from './constructs/audit-watch.ts';
import { machineNameOf, type Places } from './constructs/environment.ts';
import { Files } from './constructs/files.ts';
import { Functions } from './constructs/functions.ts';
import { Keys } from './constructs/keys.ts';
import { LogCounts } from './constructs/log-counts.ts';
import { MailSender } from './constructs/mail.ts';
import { Queues } from './constructs/queues.ts';
import { GatewaySecrets } from './constructs/secrets.ts';
import { SignIn } from './constructs/sign-in.ts';
import { GatewayTable } from './constructs/table.ts';
import { Wakes } from './constructs/wakes.ts';
import { Workflows } from './constructs/workflows.ts';
import { type StageSettings, secretsPrefixOf } from './settings.ts';

export interface GatewayStackProps extends StackProps {
  readonly settings: StageSettings;
  /** Folder of the functions' bundles: `<bundles>/<name>/handler.mjs`. */
  readonly bundles: string;
}

/** One installation of the gateway: everything of one stage. */
export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, { settings, bundles, ...props }: GatewayStackProps) {
    super(scope, id, { ...props, terminationProtection: settings.keepData });
    const keys = new Keys(this, settings);
    const { place: table } = new GatewayTable(this, settings);
    const { streamArn } = table;
    const files = new Files(this, settings, keys);
    const secrets = new GatewaySecrets(this, settings, keys.secrets);
    const signIn = new SignIn(this, settings);
    const mail = new MailSender(this, settings);
    const queues = new Queues(this, settings);
    const frontDoor = new FrontDoor(this, settings, keys.operations);
    const places: Places = {
      tableName: table.name,
      publicUrl: frontDoor.publicUrl,
      papersBucket: files.papers.bucketName,
      papersKeyArn: keys.papers.keyArn,
      delayQueueUrl: queues.delays.queueUrl,
      stateMachineArnPrefix: this.machineArn(machineNameOf(settings, '')),
      issuer: signIn.issuer(settings),
    };
    const { all: functions } = new Functions(this, {
      ...{ settings, bundles, keys, files, secrets, mail, queues, places, streamArn },
      tableArn: table.arn,
      logKey: keys.operations,
    });
    frontDoor.serve(functions);
    const workflows = new Workflows(this, { settings, functions, logKey: keys.operations });
    const { sweepRule } = new Wakes(this, { settings, jobs: functions.jobs.fn, streamArn, queues, files, workflows });
    new AuditWatch(this, streamArn, queues);
    const counts = new LogCounts(this, settings, functions);
    const { machines } = workflows;
    new Alarms(
      this,
      settings,
      { ...queues, frontDoor, functions, tableName: table.name, machines, counts, sweepRule },
      keys.operations,
    );
    this.tell(settings, places, signIn, files);
  }

  private machineArn(resourceName: string): string {
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    return this.formatArn({ service: 'states', resource: 'stateMachine', resourceName, arnFormat });
  }

  /** What people and scripts need after a deployment (docs/deploy.md). */
  private tell(settings: StageSettings, places: Places, signIn: SignIn, files: Files): void {
    const outputs = {
      ApiUrl: places.publicUrl,
      UserPoolId: signIn.pool.userPoolId,
      UserPoolClientId: signIn.client.userPoolClientId,
      Issuer: places.issuer.issuer,
      TableName: places.tableName,
      PapersBucket: places.papersBucket,
      ConsoleBucket: files.console.bucketName,
      SecretsPrefix: secretsPrefixOf(settings),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
