import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACME, CHRIS, PAM, startConsole } from './console.ts';

let shell: Awaited<ReturnType<typeof startConsole>>;
beforeAll(async () => {
  shell = await startConsole();
});
afterAll(() => shell.end());

const as = (email: string, ...args: readonly string[]) => [...args, '--as', email];
const staff = (...args: readonly string[]) => [...args, '--as', CHRIS, '--tenant', ACME];
const EXTENSION = 'extension:ext_00000000000000000000000001';

describe('search', () => {
  it('S2-10, S2-14: lists numbers in aligned columns and names the outcome of every carrier', async () => {
    const { code, out } = await shell.numbergate(
      as(PAM, 'search', '--country', 'gb', '--area', '1223', '--limit', '100'),
    );

    const rows = out.split('\n').filter((line) => line.startsWith('+441223'));
    expect(code).toBe(0);
    expect(rows.length).toBeGreaterThanOrEqual(20);
    expect(new Set(rows.map((row) => row.indexOf('Cambridge'))).size).toBe(1);
    expect(out).toMatch(/Asked {2}telnyx \d+ in \d+ ms · twilio \d+ in \d+ ms · vonage \d+ in \d+ ms/);
    expect(out).toMatch(/numbergate request --country GB --type local --number \+441223\d+=1\.00USD --wait/);
  });

  it('S2-12: an area without stock names places near by', async () => {
    const { code, out } = await shell.numbergate(as(PAM, 'search', '--country', 'GB', '--area', '1954'));

    expect(code).toBe(0);
    expect(out).toMatch(/^No such number was found\. Near by: .*1223 Cambridge/);
    expect(out).toContain('telnyx empty · twilio empty · vonage empty');
  });

  it('--json gives the answer itself and nothing else', async () => {
    const found = await shell.json(...as(PAM, 'search', '--country', 'GB', '--features', 'voice,sms', '--limit', '3'));

    expect(found.data).toHaveLength(3);
    expect(found.meta.carriers.map((one: { outcome: string }) => one.outcome)).toEqual(['ok', 'ok', 'ok']);
  });
});

describe('a standard request', () => {
  it('S0-34: --wait shows the timeline as it happens; the number is listed by its request and answers a signed call', async () => {
    const wish = [
      'request',
      '--country',
      'GB',
      '--area',
      '161',
      '--assign',
      EXTENSION,
      '--name',
      'Front desk',
      '--wait',
    ];
    const { code, out } = await shell.numbergate(as(PAM, ...wish));
    const number = /^(\+44161\d+) {2}active/m.exec(out)?.[1] ?? '';

    expect(code).toBe(0);
    const steps = [...out.matchAll(/^\d\d:\d\d:\d\d {2}✓ (\w+)/gm)].map(([, step]) => step);
    expect(steps.slice(0, 4)).toEqual(['submitted', 'classified', 'ticket', 'sourcing']);
    expect(steps.at(-1)).toBe('closed');
    const call = await shell.numbergate(['call', number]);
    expect(call.code).toBe(0);
    expect(call.out).toContain('telnyx called');
    expect(call.out).toContain('<Sip>sip:1001@ten-00000000000000000000000001.sip.numbergate.example</Sip>');
    const raw = await shell.numbergate(['call', number, '--raw']);
    const listed = await shell.numbergate(as(PAM, 'numbers'));
    const one = await shell.numbergate(as(PAM, 'numbers', number));
    expect(listed.out).toMatch(/^\+44161\d+ +Front desk +active +private +Extension: Pam Beesly +telnyx +1\.00 USD$/m);
    expect(one.out).toMatch(/^Rings +Extension: Pam Beesly$/m);
    expect(raw.out).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?><Response><Dial [^\n]*<\/Response>$/);
  });

  it('names exact numbers at the price seen, and is told when the price is missing', async () => {
    const found = await shell.json(...as(PAM, 'search', '--country', 'GB', '--area', '20', '--carrier', 'vonage'));
    const { number, monthly } = found.data[0];
    const blind = await shell.numbergate(as(PAM, 'request', '--country', 'GB', '--number', number));
    const seen = `${number}=${monthly.amount}${monthly.currency}`;
    const made = await shell.json(...as(PAM, 'request', '--country', 'GB', '--number', seen, '--wait'));

    expect(blind.code).toBe(1);
    expect(blind.err).toContain('(price_required, 422)');
    expect(blind.err).toContain('numbers.0.monthly');
    expect(blind.err).toContain('--number +44…=1.15USD');
    expect(made).toMatchObject({ state: 'completed', numbers: [{ number, carrier: 'vonage', state: 'active' }] });
  });

  it('--dry-run checks and stores nothing; a repeated key makes one request', async () => {
    const before = (await shell.json('mail')).data.length;
    const dry = await shell.json(...as(PAM, 'request', '--country', 'GB', '--area', '20', '--dry-run'));
    const key = ['request', '--country', 'CO', '--idempotency-key', 'cli-1'];
    const first = await shell.json(...as(PAM, ...key));
    const again = await shell.json(...as(PAM, ...key));
    await shell.gateway.idle();

    expect(dry.class).toBe('standard');
    expect(again.id).toBe(first.id);
    expect((await shell.json('mail')).data.length).toBe(before + 2);
    expect((await shell.json(...as(PAM, 'cancel', first.id, '--reason', 'a test'))).state).toBe('cancelled');
  });
});

describe('a restricted request', () => {
  it('S0-42: from the inbox over approval, papers and review to the number', async () => {
    const { id } = await shell.json(...as(PAM, 'request', '--country', 'CO', '--locality', 'Bogotá', '--wait'));
    const inbox = await shell.numbergate(as(CHRIS, 'inbox'));
    const blind = await shell.numbergate(as(CHRIS, 'approve', id));
    await shell.json(...staff('approve', id, '--comment', 'Contract on file'));
    const open = await shell.numbergate(as(PAM, 'watch', id, '--until-person', '--timeout', '15'));
    const file = join(mkdtempSync(join(shell.folder, 'paper-')), 'proof.pdf');
    writeFileSync(file, '%PDF-1.4\n%%EOF\n');
    const bogota = ['--line', 'Carrera 7', '--city', 'Bogotá', '--postal-code', '110231'];
    await shell.json(...as(PAM, 'upload', id, 'end-user-name', '--value', 'Acme Colombia'));
    await shell.json(...as(PAM, 'upload', id, 'End User Address', ...bogota));
    const last = await shell.numbergate(as(PAM, 'upload', id, 'proof-of-address', '--file', file));
    const review = await shell.numbergate(staff('review', id, '--accept-all'));
    const end = await shell.numbergate(as(PAM, 'watch', id, '--timeout', '15'));

    expect(inbox.out).toMatch(new RegExp(`approval +CO +${id} +${ACME}`));
    expect([blind.code, blind.err]).toEqual([1, expect.stringContaining('Add --tenant ten_…')]);
    expect(open.out).toContain(`Next  numbergate upload ${id} end-user-name --value <text>`);
    expect(last.out).toMatch(/✓ proof\.pdf uploaded and checked \(15 bytes\)/);
    expect(last.out).toContain(`Next  numbergate review ${id} --accept-all`);
    expect(review.out).not.toContain('numbergate review');
    expect([end.code, end.out]).toEqual([0, expect.stringMatching(/^\+57\d+ +active +telnyx/m)]);
  });

  it('R3: a file that is not what it claims is refused with its remark; a wrong requirement names what there is', async () => {
    const { id } = await shell.json(...as(PAM, 'request', '--country', 'CO', '--wait'));
    const file = join(mkdtempSync(join(shell.folder, 'paper-')), 'proof.pdf');
    writeFileSync(file, 'hello');
    const bad = await shell.numbergate(as(PAM, 'upload', id, 'address-proof', '--file', file));
    const wrong = await shell.numbergate(as(PAM, 'upload', id, 'passport', '--file', file));
    const missing = await shell.numbergate(as(PAM, 'upload', id, 'address-proof', '--file', '/nowhere.pdf'));

    expect([bad.code, bad.err]).toEqual([1, expect.stringContaining('The file is not a application/pdf')]);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('identity-proof')]);
    expect(missing.code).toBe(2);
  });

  it('reject declines it, and watching it ends with 1', async () => {
    const { id } = await shell.json(...as(PAM, 'request', '--country', 'CO'));
    const { state } = await shell.json(
      ...staff('reject', id, '--reason', 'not_offered', '--comment', 'Not at present.'),
    );
    const watched = await shell.numbergate(as(PAM, 'watch', id, '--timeout', '15'));

    expect(state).toBe('declined');
    expect(watched.code).toBe(1);
    expect(watched.out).toContain('declined, Chris Success, Not at present.');
  });
});

describe('a special request', () => {
  it('S0-40: terms by customer success, acceptance by the customer', async () => {
    const { id } = await shell.json(...as(PAM, 'request', '--country', 'DE', '--wait'));
    const bare = await shell.numbergate(staff('terms', id, '--monthly', '4.50'));
    await shell.json(...staff('terms', id, '--monthly', '4.50', '--setup', '10', '--text', 'Two working days.'));
    const offered = await shell.numbergate(as(PAM, 'watch', id, '--once'));
    const stale = await shell.numbergate(as(PAM, 'accept', id, '--terms-version', '7'));
    const accepted = await shell.json(...as(PAM, 'accept', id));

    expect([bare.code, bare.err]).toEqual([2, expect.stringContaining('--monthly and --text')]);
    expect(offered.out).toContain('version 1, offered: 4.50 USD a month, set-up 10 USD');
    expect(offered.out).toContain(`Next  numbergate accept ${id} --terms-version 1`);
    expect([stale.code, stale.err]).toEqual([1, expect.stringContaining('terms_changed')]);
    expect(accepted.terms.state).toBe('accepted');
  });
});

describe('mail, carriers, calls', () => {
  it('mail lists and shows mails; carriers says what each can do', async () => {
    const list = await shell.numbergate(['mail', '--to', CHRIS]);
    const one = await shell.numbergate(['mail', 'last', '--to', CHRIS]);
    const carriers = await shell.numbergate(as(CHRIS, 'carriers'));

    const rows = list.out.split('\n').slice(1, -1);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((line) => !line.includes(CHRIS))).toEqual([]);
    expect(one.out).toMatch(/^To +cs@numbergate\.example\nSubject +/);
    expect(carriers.out).toMatch(/^Vonage +simulated +all +local mobile toll-free +at once +no +no$/m);
  });

  it('a number nobody sold is not called', async () => {
    const { code, err } = await shell.numbergate(['call', '+44 1223 999999']);

    expect([code, err]).toEqual([1, expect.stringContaining('No simulated carrier has sold +441223999999')]);
  });
});

describe('exit codes and refusals', () => {
  it('1: a problem document is shown as people read it, with --json as it came', async () => {
    const read = await shell.numbergate(as(PAM, 'search', '--country', 'CO'));
    const json = await shell.numbergate(as(PAM, 'search', '--country', 'CO', '--json'));

    expect(read).toMatchObject({ code: 1, out: '' });
    expect(read.err).toMatch(
      /^✗ The country is restricted \(restricted_country, 422\)\n {2}Why +Colombia .*\n {2}Remedy +File/,
    );
    expect(json).toMatchObject({ code: 1, out: '' });
    expect(JSON.parse(json.err)).toMatchObject({ status: 422, code: 'restricted_country' });
  });

  it('2: wrong usage, before anything is sent', async () => {
    const wrong = [
      ['search'],
      ['search', '--country', 'GB', '--match', 'sideways'],
      ['search', '--country', 'Britain'],
      ['search', '--country', 'GB', '--max-monthly', 'cheap'],
      ['request', '--country', 'GB', '--assign', 'somebody'],
      ['request', '--country', 'GB', '--quantity', '0'],
      ['dance'],
    ];
    const codes = await Promise.all(wrong.map(async (args) => (await shell.numbergate(as(PAM, ...args))).code));

    expect(codes).toEqual(wrong.map(() => 2));
  });

  it('3: nothing answers', async () => {
    const { code, err } = await shell.numbergate(['whoami', '--token', 'x', '--url', 'http://127.0.0.1:9']);

    expect(code).toBe(3);
    expect(err).toContain('Nothing answers at http://127.0.0.1:9');
  });

  it('0: help and version', async () => {
    const help = await shell.numbergate(['request', '--help']);
    const version = await shell.numbergate(['--version']);

    expect([help.code, version.code]).toEqual([0, 0]);
    expect(help.out).toContain('--idempotency-key');
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('as a program of its own it tells by its exit code, and writes JSON only', async () => {
    const start = (...args: readonly string[]) =>
      new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
        const options = { env: { PATH: '', ...shell.env } };
        execFile(process.execPath, ['cli/numbergate.ts', ...args], options, (error, out, err) =>
          resolve({ code: error?.code ?? 0, out, err }),
        );
      });
    const [nobody, people] = await Promise.all([start('whoami'), start('sign-in', '--json')]);

    expect([nobody.code, nobody.out]).toEqual([1, '']);
    expect(nobody.err).toContain('numbergate sign-in --as <e-mail>');
    expect([people.code, people.err]).toEqual([0, '']);
    expect(JSON.parse(people.out).data).toHaveLength(6);
  });
});

describe('signing in', () => {
  it('lists who can, remembers who did, and forgets', async () => {
    const list = await shell.numbergate(['sign-in']);
    const signedIn = await shell.numbergate(['sign-in', '--as', CHRIS, '--tenant', ACME]);
    const me = await shell.numbergate(['whoami']);
    const file = join(shell.env.DATA_DIR, 'cli.json');
    const mode = statSync(file).mode & 0o777;
    await shell.numbergate(['sign-out']);
    const after = await shell.numbergate(['whoami']);

    expect(list.out).toContain(PAM);
    expect(signedIn.out).toBe('Signed in as Chris Success (customer success).\n');
    expect(me.out).toMatch(/Name +Chris Success\n(?:.*\n)*Tenant +ten_0+1 \(acting for\)/);
    expect(mode).toBe(0o600);
    expect([after.code, after.err]).toEqual([1, expect.stringContaining('credential_missing')]);
    expect(readFileSync(file, 'utf8')).not.toContain('eyJ');
  });

  it('a kept token the gateway does not know is renewed once; a given one is not', async () => {
    await shell.numbergate(['sign-in', '--as', PAM]);
    const file = join(shell.env.DATA_DIR, 'cli.json');
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    kept[shell.gateway.url].tokens[PAM].accessToken = 'of.another.installation';
    writeFileSync(file, JSON.stringify(kept));
    const renewed = await shell.numbergate(['whoami']);
    const given = await shell.numbergate(['whoami', '--token', 'of.another.installation']);
    await shell.numbergate(['sign-out']);

    expect([renewed.code, renewed.out]).toEqual([0, expect.stringContaining('Pam Beesly')]);
    expect([given.code, given.err]).toEqual([1, expect.stringContaining('invalid_token')]);
  });

  it('a damaged token file costs a sign-in, no more', async () => {
    await shell.numbergate(['sign-in', '--as', PAM]);
    writeFileSync(join(shell.env.DATA_DIR, 'cli.json'), '{');

    expect((await shell.numbergate(['whoami', '--as', PAM])).code).toBe(0);
  });
});
