import { SESClient } from '@aws-sdk/client-ses';
import { afterEach, describe, expect, it } from 'vitest';
import { mailService } from '../../../functions/platform/aws/mail-service.ts';
import { sesMailer } from '../../../functions/platform/aws/mailer.ts';
import { testClock } from '../../../local/engine/clock.ts';
import { MAIL } from '../../contracts/mailer.ts';
import {
  type Act,
  cuts,
  fails,
  resets,
  type ScriptedServer,
  scriptedServer,
  silent,
  stalls,
} from './scripted-server.ts';

const xml =
  (status: number, body: string): Act =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/xml' });
    response.end(body);
  };
const NS = 'xmlns="http://ses.amazonaws.com/doc/2010-12-01/"';
const taken = xml(
  200,
  `<SendRawEmailResponse ${NS}><SendRawEmailResult><MessageId>m1</MessageId></SendRawEmailResult></SendRawEmailResponse>`,
);
const refused = (code: string, message: string) =>
  xml(
    400,
    `<ErrorResponse ${NS}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );

const open: { server?: ScriptedServer; close?: () => void } = {};
afterEach(async () => {
  open.close?.();
  await open.server?.close();
});

const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
async function against(act: Act, configurationSet?: string) {
  const server = await scriptedServer([act]);
  Object.assign(process.env, env, { AWS_ENDPOINT_URL_SES: server.url });
  const client = new SESClient({ maxAttempts: 1 });
  Object.assign(open, { server, close: () => client.destroy() });
  const options = { client, from: 'gateway@numbergate.example', clock: testClock(), timeoutMs: 400 };
  return { mailer: sesMailer({ ...options, ...(configurationSet ? { configurationSet } : {}) }), server };
}
const posted = (server: ScriptedServer) => new URLSearchParams(server.heard[0]?.body);
const raw = (server: ScriptedServer) => Buffer.from(posted(server).get('RawMessage.Data') ?? '', 'base64').toString();
const failure = (sending: Promise<void>): Promise<Error> =>
  sending.then(
    () => new Error('sent'),
    (error) => error,
  );

describe('mails over SES', () => {
  it('I12: carry their key, sender, date and one recipient list', async () => {
    const { mailer, server } = await against(taken, 'bounces');
    await mailer.send({ ...MAIL, to: ['a@b.example', 'c@d.example'], messageKey: 'req_01.öffnet' });

    expect(Object.fromEntries(posted(server))).toMatchObject({
      Action: 'SendRawEmail',
      Source: 'gateway@numbergate.example',
      'Destinations.member.1': 'a@b.example',
      'Destinations.member.2': 'c@d.example',
      ConfigurationSetName: 'bounces',
    });
    const head = raw(server).split('\r\n\r\n')[0] ?? '';
    expect(head).toMatch(/^From: gateway@numbergate\.example$/m);
    expect(head).toMatch(/^To: a@b\.example, c@d\.example$/m);
    expect(head).toMatch(/^X-Message-Key: req_01\.%C3%B6ffnet$/m);
    expect(head).toMatch(/^Date: Thu, 15 Jan 2026 09:00:00 \+0000$/m);
    expect(head).toMatch(/^Message-ID: <[0-9a-f]{40}@numbergate\.example>$/m);
  });
  it('N2: the repeat of a mail has the same Message-ID', async () => {
    const { mailer, server } = await against(taken);
    await mailer.send(MAIL);
    await mailer.send(MAIL);

    const ids = server.heard.map(({ body }) =>
      /Message-ID: (\S+)/.exec(
        Buffer.from(new URLSearchParams(body).get('RawMessage.Data') ?? '', 'base64').toString(),
      ),
    );
    expect(ids[0]?.[1]).toBe(ids[1]?.[1]);
  });
  it.each([
    [
      'MessageRejected',
      'Email address is not verified. The following identities failed the check: ana.b@c.example, <d@e.example>',
    ],
    ['MessageRejected', 'Address blacklisted: ana.b@c.example'],
    ['Throttling', 'Maximum sending rate exceeded.'],
    ['Throttling', 'Daily message quota exceeded.'],
    ['AccountSendingPausedException', 'Sending is paused for ana.b@c.example'],
  ])('N1: throws once, without mailboxes, when the answer is %s: %s', async (code, message) => {
    const { mailer, server } = await against(refused(code, message.replace('<', '&lt;').replace('>', '&gt;')));
    const error = await failure(mailer.send(MAIL));

    expect(error).toMatchObject({ name: 'MailNotSent', message: expect.stringContaining(code) });
    expect(`${error.stack} ${error.cause}`).not.toMatch(/ana|d@e/);
    expect(server.heard).toHaveLength(1);
  });
  it.each([
    ['reset', resets],
    ['cut', cuts],
    ['silent', silent],
    ['stalled', stalls],
    ['down', fails(503)],
  ])('N2: a lost answer (%s) is told within its time and not repeated here', async (_, act) => {
    const { mailer, server } = await against(act);
    const start = performance.now();

    expect(await failure(mailer.send(MAIL))).toMatchObject({ name: 'MailNotSent' });
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(server.heard).toHaveLength(1);
  });
  it('N2: the mailer of a function repeats nothing by itself', async () => {
    const { server } = await against(fails(503));

    expect(await failure(mailService({ MAIL_FROM: 'a@b.example' }).send(MAIL))).toMatchObject({ name: 'MailNotSent' });
    expect(server.heard).toHaveLength(1);
  });
  it('sends nothing that has no plain address', async () => {
    const { mailer, server } = await against(taken);

    expect(await failure(mailer.send({ ...MAIL, to: ['a@b.example', 'c'] }))).toBeInstanceOf(TypeError);
    expect(server.heard).toEqual([]);
  });
});
