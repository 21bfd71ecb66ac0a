import { type SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { cleanMail, keyHeaders } from '../clean-mail.ts';
import type { Clock } from '../clock.ts';
import type { Mail, Mailer } from '../mailer.ts';
import { errorName, inTime } from './in-time.ts';

export interface SesMailerOptions {
  /** Without repeats of its own (`maxAttempts: 1`): after a lost answer a repeat is a second mail, the outbox decides. */
  readonly client: SESClient;
  /** Verified sender's address. */
  readonly from: string;
  readonly clock: Clock;
  /** Where SES reports bounces and complaints. */
  readonly configurationSet?: string;
  /** Default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Mails over SES. It cannot tell a repeat: the outbox sends each key once, and after a lost answer the second mail carries the
 * same key in its headers (N2). Throws when SES refuses, throttles or does not answer (N1), without recipients in the text.
 */
export function sesMailer({ client, from, clock, configurationSet, timeoutMs = 10_000 }: SesMailerOptions): Mailer {
  return {
    async send(mail) {
      const clean = cleanMail(mail);
      const command = new SendRawEmailCommand({
        Source: from,
        Destinations: [...clean.to],
        RawMessage: { Data: await composed(clean, from, clock.now()) },
        ...(configurationSet === undefined ? {} : { ConfigurationSetName: configurationSet }),
      });
      try {
        await inTime(timeoutMs, (abortSignal) => client.send(command, { abortSignal }));
      } catch (error) {
        throw notSent(error);
      }
    },
  };
}

/** The library is loaded with the first mail. */
async function composed(mail: Mail, from: string, date: Date): Promise<Uint8Array> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const { to, subject, text, html } = mail;
  const composer = new MailComposer({
    from,
    to: [...to],
    subject,
    text,
    html,
    date,
    ...keyHeaders(mail.messageKey, from),
    // A mail's text is never a path or address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

/** SES names recipients in its refusals; logs and tickets shall not. */
function notSent(error: unknown): Error {
  const said = error instanceof Error ? error.message : '';
  return new MailNotSent(`${errorName(error)}: ${said.replace(/[^\s<>,;:"'()]+@/g, '…@')}`);
}
class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
}
