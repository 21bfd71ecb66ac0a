import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SESClient, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { mailService } from '../../functions/platform/aws/mail-service.ts';
import { MAIL, mailerContract } from '../contracts/mailer.ts';
import { emulator } from './place.ts';

const endpoint = emulator();
const KEY = /^X-Message-Key: (.*)$/m;
const relay = { url: '', keys: new Map<string, string>(), close: (): void => undefined };

/** The emulator does not tell the headers of a mail: this passes on to it and notes the key of each mail it took. */
beforeAll(async () => {
  const server = createServer(async (incoming, outgoing) => {
    const body = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>)).toString();
    const { authorization = '', 'content-type': type = '' } = incoming.headers;
    const answer = await fetch(endpoint, { method: 'POST', body, headers: { authorization, 'content-type': type } });
    const text = await answer.text();
    const raw = Buffer.from(new URLSearchParams(body).get('RawMessage.Data') ?? '', 'base64').toString();
    const [, id] = /<MessageId>(.*)<\/MessageId>/.exec(text) ?? [];
    if (id) relay.keys.set(id, decodeURIComponent(KEY.exec(raw)?.[1]?.trim() ?? ''));
    outgoing.writeHead(answer.status, { 'content-type': 'text/xml' }).end(text);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  relay.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  relay.close = () => void server.close();
  const admin = new SESClient();
  await admin.send(new VerifyDomainIdentityCommand({ Domain: 'numbergate.example' }));
  admin.destroy();
});
afterAll(() => relay.close());

const Messages = z.object({
  messages: z.record(
    z.string(),
    z.array(
      z.object({
        MessageId: z.string(),
        To: z.array(z.string()),
        Subject: z.string(),
        BodyText: z.string(),
        BodyHtml: z.string().nullable(),
      }),
    ),
  ),
});
async function sentBy(keys: ReadonlyMap<string, string>) {
  const { messages } = Messages.parse(await (await fetch(`${endpoint}/_ministack/ses/messages`)).json());
  return Object.values(messages)
    .flat()
    .flatMap(({ MessageId, To, Subject, BodyText, BodyHtml }) => {
      const messageKey = keys.get(MessageId);
      return messageKey === undefined ? [] : [{ to: To, subject: Subject, text: BodyText, html: BodyHtml, messageKey }];
    });
}

function opened(MAIL_FROM = 'gateway@numbergate.example') {
  relay.keys.clear();
  process.env['AWS_ENDPOINT_URL_SES'] = relay.url;
  return { mailer: mailService({ MAIL_FROM }), sent: () => sentBy(relay.keys) };
}

describe('mails over SES', () => {
  // SES takes no keys: what is not to be sent twice, the outbox does not send twice.
  mailerContract(async () => ({ ...opened(), close: async () => undefined }), { knowsRepeats: false });

  it('sends text and markup as they are', async () => {
    const { mailer, sent } = opened();
    const text = 'Olá,\r\n\r\n.\r\nFrom here = 100 %\r\n';
    await mailer.send({ ...MAIL, text, html: '<p>Olá &amp; tchau</p>' });

    const [mail] = await sent();
    expect(mail?.text.replaceAll('\r\n', '\n').trim()).toBe(text.replaceAll('\r\n', '\n').trim());
    expect(mail?.html?.trim()).toBe('<p>Olá &amp; tchau</p>');
  });
  it('N1: throws when the sender is not verified, and names no mailbox', async () => {
    const { mailer } = opened('somebody@elsewhere.example');

    const error: Error = await mailer.send(MAIL).then(
      () => new Error('sent'),
      (thrown) => thrown,
    );
    expect(error.message).toMatch(/^MessageRejected: /);
    expect(error.message).not.toContain('somebody');
  });
});
