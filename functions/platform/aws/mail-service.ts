import { SESClient } from '@aws-sdk/client-ses';
import type { Mailer } from '../mailer.ts';
import { functionClock } from './base.ts';
import { within } from './limits.ts';
import { sesMailer } from './mailer.ts';

/** SES without repeats: a second mail is worse than a late one, the outbox decides. */
export function mailService({ MAIL_FROM: from }: { readonly MAIL_FROM: string }): Mailer {
  const client = new SESClient({ requestHandler: within(8_000), maxAttempts: 1 });
  return sesMailer({ client, from, clock: functionClock });
}
