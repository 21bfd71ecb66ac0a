import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { prefixOf, type StageSettings } from '../settings.ts';
import { type AlarmLine, alarmLines, type Watched } from './alarm-list.ts';

/** The alarms, where they are sent, and one page that shows what they look at. */
export class Alarms extends Construct {
  constructor(scope: Construct, settings: StageSettings, watched: Watched, topicKey: IKey) {
    super(scope, 'Alarms');
    const topic = new sns.Topic(this, 'Topic', {
      topicName: `${prefixOf(settings)}-alarms`,
      masterKey: topicKey,
      enforceSSL: true,
    });
    topic.addToResourcePolicy(alarmsMayTell(topic));
    const { deadLetters: deadLetterQueue } = watched;
    if (settings.alarmMail) topic.addSubscription(new EmailSubscription(settings.alarmMail, { deadLetterQueue }));
    const lines = alarmLines(watched);
    const action = new SnsAction(topic);
    for (const line of lines) {
      const alarm = this.alarm(line, settings);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    this.page(settings, lines);
  }

  private alarm(line: AlarmLine, settings: StageSettings): cloudwatch.Alarm {
    const [bad, periods] = line.of ?? [1, 1];
    return new cloudwatch.Alarm(this, line.name, {
      alarmName: `${prefixOf(settings)}-${line.name}`,
      alarmDescription: `What to do: docs/runbooks/${line.runbook}.md`,
      metric: line.metric,
      threshold: line.from,
      datapointsToAlarm: bad,
      evaluationPeriods: periods,
      comparisonOperator: line.silence
        ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        : cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: line.silence
        ? cloudwatch.TreatMissingData.BREACHING
        : cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }

  /** Four graphs a row, in the order of the list. */
  private page(settings: StageSettings, lines: readonly AlarmLine[]): void {
    const graphs = lines.map(
      ({ name, metric, from }) =>
        new cloudwatch.GraphWidget({
          title: name,
          left: [metric],
          leftAnnotations: [{ value: from, label: 'alarm' }],
          width: 6,
          height: 5,
        }),
    );
    const rows = Array.from({ length: Math.ceil(graphs.length / 4) }, (_, row) => graphs.slice(row * 4, row * 4 + 4));
    new cloudwatch.Dashboard(this, 'Page', { dashboardName: prefixOf(settings), widgets: rows });
  }
}

const alarmsMayTell = (topic: sns.ITopic): iam.PolicyStatement =>
  new iam.PolicyStatement({
    sid: 'AlarmsMayTell',
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: { StringEquals: { 'aws:SourceAccount': topic.env.account } },
  });
