import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { testClock } from '../../local/engine/clock.ts';
import { KeptMail, listMails, localMailer } from '../../local/engine/mailer.ts';
import { smtpTransport } from '../../local/engine/mailer-smtp.ts';
import { openTable } from '../../local/engine/table.ts';
import { MAIL, mailerContract } from '../contracts/mailer.ts';

function start(transport?: Parameters<typeof localMailer>[0]['transport']) {
  const clock = testClock();
  const table = openTable({ path: ':memory:', clock, pageLimit: 2 });
  const mailer = localMailer({ table, clock, ...(transport ? { transport } : {}) });
  return { clock, table, mailer };
}

describe('mails kept in the table', () => {
  mailerContract(async () => {
    const { table, mailer } = start();
    return { mailer, sent: () => listMails(table), close: async () => table.close() };
  });

  it('S0-44: shows them as sent, oldest first, by recipient and request', async () => {
    const { clock, table, mailer } = start();
    await mailer.send(MAIL);
    clock.advance(1);
    await mailer.send({ ...MAIL, to: ['Customer@acme.example'], messageKey: 'k2' });
    clock.advance(1);
    const { numberRequestId: _, ...general } = MAIL;
    await mailer.send({ ...general, messageKey: 'k3' });
    const keys = async (filter?: Parameters<typeof listMails>[1]) =>
      (await listMails(table, filter)).map((mail) => mail.messageKey);
    expect(await keys()).toEqual([MAIL.messageKey, 'k2', 'k3']);
    expect(await keys({ to: 'customer@acme.example' })).toEqual(['k2']);
    expect(await keys({ numberRequestId: 'req_01' })).toEqual([MAIL.messageKey, 'k2']);
    expect(await keys({ to: 'cs@numbergate.example', numberRequestId: 'req_01' })).toEqual([MAIL.messageKey]);
    const [first] = await listMails(table);
    expect(KeptMail.parse(first)).toEqual({
      ...MAIL,
      id: expect.stringMatching(/^mail_/),
      sentAt: '2026-01-15T09:00:00.000Z',
    });
  });
  it('N1: a refused mail is not shown as sent and can be sent again', async () => {
    let refusals = 1;
    const { table, mailer } = start(async () => {
      if (refusals-- > 0) throw new Error('550 refused');
    });
    await expect(mailer.send(MAIL)).rejects.toThrow('550');
    expect(await listMails(table)).toEqual([]);
    await mailer.send(MAIL);
    expect(await listMails(table)).toHaveLength(1);
  });
});

/** A mail server that keeps what it is told. */
async function mailServer(answerToData = '250 ok') {
  const messages: string[] = [];
  const server = createServer((socket) => {
    let text = '';
    let inData = false;
    socket.write('220 ready\r\n');
    socket.on('data', (chunk) => {
      text += String(chunk);
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        if (inData) {
          const stop = text.indexOf('\r\n.\r\n');
          if (stop < 0) return;
          messages.push(text.slice(0, stop));
          text = text.slice(stop + 5);
          inData = false;
          socket.write(`${answerToData}\r\n`);
          continue;
        }
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        inData = line === 'DATA';
        socket.write(inData ? '354 go\r\n' : line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n');
      }
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { messages, url: `smtp://127.0.0.1:${port}`, close: () => new Promise((done) => server.close(done)) };
}

describe('mails by SMTP', () => {
  it('N2: hands a mail over once; its Message-ID follows from the key alone', async () => {
    const server = await mailServer();
    const transport = smtpTransport({ url: server.url, from: 'gateway@numbergate.example' });
    const { table, mailer } = start(transport);
    await mailer.send({ ...MAIL, subject: 'x\r\nBcc: thief@example.com' });
    await mailer.send(MAIL);
    expect(server.messages).toHaveLength(1);
    await transport(MAIL);
    const ids = server.messages.map(
      (message) => /^Message-ID: <[0-9a-f]{40}@numbergate\.example>/im.exec(message)?.[0],
    );
    expect(ids[0]).toBeDefined();
    expect(ids[1]).toBe(ids[0]);
    expect(server.messages[0]).not.toMatch(/^Bcc:/im);
    expect(server.messages[0]).toMatch(/^X-Message-Key: req_01\.opened\.customer_success\r?$/m);
    expect(await listMails(table)).toHaveLength(1);
    await server.close();
    table.close();
  });
  it('N1: throws when the server refuses', async () => {
    const server = await mailServer('554 no');
    const transport = smtpTransport({ url: server.url, from: 'gateway@numbergate.example' });
    await expect(transport(MAIL)).rejects.toThrow(/554/);
    await server.close();
  });
});
