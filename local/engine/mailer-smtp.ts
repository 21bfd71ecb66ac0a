import { keyHeaders } from '../../functions/platform/clean-mail.ts';
import type { Transport } from './mailer.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly url: string;
  /** Sender's address. */
  readonly from: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Hands mails to an SMTP server. The Message-ID is made of the message key, so a repeat is recognised as the same mail
 * (N2). The library is loaded with the first mail.
 */
export function smtpTransport({ url, from }: SmtpOptions): Transport {
  const server = new URL(url);
  return async ({ to, subject, text, html, messageKey }) => {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host: server.hostname,
      port: Number(server.port) || (server.protocol === 'smtps:' ? 465 : 587),
      secure: server.protocol === 'smtps:',
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      // A mail's text is never a path or address to be read.
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(server.username === ''
        ? {}
        : { auth: { user: decodeURIComponent(server.username), pass: decodeURIComponent(server.password) } }),
    });
    try {
      await transport.sendMail({
        from,
        to: [...to],
        subject,
        text,
        html,
        ...keyHeaders(messageKey, from),
      });
    } finally {
      transport.close();
    }
  };
}
