import { createHash } from 'node:crypto';
import * as z from 'zod';
import { newId } from '../../functions/domain/mint.ts';
import { cleanMail } from '../../functions/platform/clean-mail.ts';
import type { Clock } from '../../functions/platform/clock.ts';
import type { Mail, Mailer } from '../../functions/platform/mailer.ts';
import { ConditionFailed, type Stored, type Table } from '../../functions/platform/table.ts';

/** A mail as kept and as `GET /local/mails` shows it (api-map §1). */
export const KeptMail = z.object({
  id: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  messageKey: z.string(),
  numberRequestId: z.string().optional(),
  sentAt: z.iso.datetime(),
});
export type KeptMail = z.infer<typeof KeptMail>;

/** Hands one mail to a mail server; throws when it is refused (N1). */
export type Transport = (mail: Mail) => Promise<void>;

export interface MailerOptions {
  readonly table: Table;
  readonly clock: Clock;
  /** `smtpTransport(…)` where a mail server is configured; without it mails are only kept. */
  readonly transport?: Transport;
}

const MAILS = 'MAILS';

/**
 * Keeps mails in the table, one per `messageKey` however often it is sent (I12). With a mail server the mail is handed
 * over first: a crash in between repeats it with the same Message-ID (N2). Throws when it is refused (N1).
 */
export function localMailer({ table, clock, transport }: MailerOptions): Mailer {
  return {
    async send(mail) {
      const clean = cleanMail(mail);
      const once = onceKey(clean.messageKey);
      if (await table.get(once)) return;
      await transport?.(clean);
      await keep(table, clean, clock.now());
    },
  };
}

export interface MailFilter {
  readonly to?: string | undefined;
  readonly numberRequestId?: string | undefined;
}

/** The mails sent so far, oldest first. */
export async function listMails(table: Table, { to, numberRequestId }: MailFilter = {}): Promise<readonly KeptMail[]> {
  const mails: KeptMail[] = [];
  let after: string | undefined;
  do {
    const page = await table.query({ pk: MAILS, limit: 200, ...(after === undefined ? {} : { after }) });
    mails.push(...page.items.map((item: Stored) => KeptMail.parse(item.data)));
    after = page.next;
  } while (after !== undefined);
  const isTo = (mail: KeptMail) => mail.to.some((address) => address.toLowerCase() === to?.toLowerCase());
  return mails
    .filter((mail) => to === undefined || isTo(mail))
    .filter((mail) => numberRequestId === undefined || mail.numberRequestId === numberRequestId);
}

async function keep(table: Table, mail: Mail, now: Date): Promise<void> {
  const sentAt = now.toISOString();
  const kept = { ...mail, to: [...mail.to], id: newId('mail', now), sentAt };
  const absent = [{ is: 'absent' }] as const;
  try {
    await table.write([
      { op: 'put', key: onceKey(mail.messageKey), data: { id: kept.id }, when: absent },
      { op: 'put', key: { pk: MAILS, sk: `${sentAt}#${kept.id}` }, data: kept, when: absent },
    ]);
  } catch (cause) {
    // Its twin was quicker: the mail is kept.
    if (!(cause instanceof ConditionFailed)) throw cause;
  }
}

/** The message key may hold any character, a table key may not. */
function onceKey(messageKey: string) {
  return { pk: `MAIL#${createHash('sha256').update(messageKey).digest('hex')}`, sk: 'MAIL' };
}
