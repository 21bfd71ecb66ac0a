import { expect, it } from 'vitest';
import type { Mail, Mailer } from '../../functions/platform/mailer.ts';

export interface MailerWorld {
  readonly mailer: Mailer;
  /** What has been sent, as far as the engine shows it. */
  sent(): Promise<readonly { readonly to: readonly string[]; readonly subject: string; readonly messageKey: string }[]>;
  close(): Promise<void>;
}
export type OpenMailer = () => Promise<MailerWorld>;

export const MAIL: Mail = {
  to: ['cs@numbergate.example'],
  subject: 'New request for 3 numbers in São Paulo',
  text: 'A request was opened.\nSee the inbox.',
  html: '<p>A request was opened.</p>',
  messageKey: 'req_01.opened.customer_success',
  numberRequestId: 'req_01',
};

/**
 * What every engine's mailer must do.
 * @param knowsRepeats whether it keeps a key from being sent twice by itself; the outbox does so before any mailer (I12)
 */
export function mailerContract(open: OpenMailer, { knowsRepeats = true } = {}): void {
  const withMailer = (work: (world: MailerWorld) => Promise<void>) => async () => {
    const world = await open();
    try {
      await work(world);
    } finally {
      await world.close();
    }
  };

  it(
    'sends a mail',
    withMailer(async ({ mailer, sent }) => {
      await mailer.send(MAIL);
      const { to, subject, messageKey } = MAIL;
      expect(await sent()).toMatchObject([{ to, subject, messageKey }]);
    }),
  );
  it(
    'I12 N2: each key arrives once, or, where the engine knows no repeats, says each time which it is',
    withMailer(async ({ mailer, sent }) => {
      const other = 'req_01.opened.requester';
      await Promise.all([mailer.send(MAIL), mailer.send(MAIL)]);
      await mailer.send({ ...MAIL, subject: 'changed' });
      await mailer.send({ ...MAIL, messageKey: other });
      const repeats = knowsRepeats ? [] : [MAIL.messageKey, MAIL.messageKey];
      expect((await sent()).map((mail) => mail.messageKey).sort()).toEqual([MAIL.messageKey, ...repeats, other].sort());
    }),
  );
  it(
    'N2: a repeat, where it is sent at all, carries the same key',
    withMailer(async ({ mailer, sent }) => {
      await mailer.send(MAIL);
      await mailer.send(MAIL);
      expect(new Set((await sent()).map((mail) => mail.messageKey))).toEqual(new Set([MAIL.messageKey]));
    }),
  );
  it(
    'lets no line break into a header',
    withMailer(async ({ mailer, sent }) => {
      await mailer.send({ ...MAIL, subject: 'a\r\nBcc: thief@example.com\u2028b' });
      expect((await sent())[0]?.subject).toBe('a Bcc: thief@example.com b');
    }),
  );
  it.each([[], ['a@b.example\r\nBcc: c@d.example'], ['a@b.example,c@d.example'], ['nobody'], ['<a@b.example>']])(
    'N1: refuses to send to %j',
    (...to) =>
      withMailer(async ({ mailer, sent }) => {
        await expect(mailer.send({ ...MAIL, to })).rejects.toThrow();
        expect(await sent()).toEqual([]);
      })(),
  );
}
