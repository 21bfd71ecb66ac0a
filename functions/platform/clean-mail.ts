import { createHash } from 'node:crypto';
import type { Mail } from './mailer.ts';

/**
 * A mail fit to be sent: no line break reaches a header (reliability §6), so a subject becomes one line, and an address that
 * holds one is refused. Throws TypeError without plain addresses or message key.
 */
export function cleanMail(mail: Mail): Mail {
  const isAddress = (text: string): boolean => /^[^\s<>,;"\p{Cc}]+@[^\s<>,;"@\p{Cc}]+$/u.test(text);
  if (mail.to.length === 0 || !mail.to.every(isAddress)) throw new TypeError('a mail needs plain addresses to go to');
  if (mail.messageKey === '') throw new TypeError('a mail needs a message key');
  return { ...mail, subject: mail.subject.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim() };
}

/** Headers by which a repeat is known as the same mail (N2). */
export function keyHeaders(messageKey: string, from: string) {
  const digest = createHash('sha256').update(messageKey).digest('hex').slice(0, 40);
  const host =
    from
      .split('@')
      .at(-1)
      ?.replace(/[^A-Za-z0-9.-]/g, '') || 'localhost';
  return { messageId: `<${digest}@${host}>`, headers: { 'X-Message-Key': encodeURIComponent(messageKey) } };
}
