import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ses from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { StageSettings } from '../settings.ts';
import { removal } from './removal.ts';

/** The sender's domain at SES; its DKIM records go into the domain's DNS by hand (docs/deploy.md). */
export class MailSender extends Construct {
  readonly identity: ses.EmailIdentity;
  private readonly from: string;

  constructor(scope: Construct, settings: StageSettings) {
    super(scope, 'Mail');
    this.from = settings.mailFrom;
    this.identity = new ses.EmailIdentity(this, 'Sender', { identity: ses.Identity.domain(domainOf(settings)) });
    this.identity.applyRemovalPolicy(removal(settings));
  }

  /** Mail from the one address and from no other of the domain. */
  sendStatement(): iam.PolicyStatement {
    const domain = this.from.slice(this.from.indexOf('@') + 1);
    return new iam.PolicyStatement({
      sid: 'SendMail',
      actions: ['ses:SendRawEmail'],
      resources: [Stack.of(this).formatArn({ service: 'ses', resource: 'identity', resourceName: domain })],
      conditions: { StringEquals: { 'ses:FromAddress': this.from } },
    });
  }
}

const domainOf = ({ mailFrom }: StageSettings): string => mailFrom.slice(mailFrom.indexOf('@') + 1);
