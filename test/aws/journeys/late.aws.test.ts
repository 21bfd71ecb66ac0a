import { beforeAll, describe, expect, it, vi } from 'vitest';
import { file } from '../../blackbox/house.ts';
import { type Deployed, openDeployed } from './installation.ts';
import { sentMails } from './mails.ts';

/** A lease of a minute, a sweep each minute that looks at what is a minute old. */
const SWEPT_MS = 170_000;
const begun: { deployed?: Deployed; lost?: string; killed?: string } = {};
const at = (): Deployed => {
  if (!begun.deployed) throw new Error('not opened');
  return begun.deployed;
};
const mailsOf = async (id: string | undefined) =>
  (await sentMails(at())).filter(({ text }) => id !== undefined && text.includes(id));

/** Both begin here; what they wait for happens while other journeys run. */
beforeAll(async () => {
  begun.deployed = await openDeployed();
  await at().harness('lose-events', { of: 'OUT#' });
  begun.lost = (await file(at(), { country: 'GB', areaCode: '20' }, 'globex', 0)).json.id;
  await at().harness('lose-events');
  await at().harness('fault', { match: ['SendRawEmail'], is: 'slow', ms: 6000 });
  begun.killed = (await file(at(), { country: 'TH' }, 'admin', 0)).json.id;
  await vi.waitFor(async () => expect((await at().harness('hits'))['hits']).toBe(2), {
    ...{ timeout: 20_000, interval: 20 },
  });
  const { killed } = await at().harness('kill', { name: 'numbergate-emulator-jobs' });
  expect(killed).toBeGreaterThan(0);
  await at().harness('heal');
  await at().harness('begun');
});

describe('what the outbox promises', () => {
  it('N3: what the change stream lost is delivered by the sweep, once', { timeout: SWEPT_MS }, async () => {
    const done = await vi.waitFor(
      async () => {
        const { json } = await at().ask(`GET /v1/number-requests/${begun.lost}`, { as: 'globex' });
        expect(json.state).toBe('completed');
        return json;
      },
      { timeout: SWEPT_MS, interval: 1000 },
    );

    expect(Date.parse(done.updatedAt) - Date.parse(done.createdAt), 'not by the stream').toBeGreaterThan(55_000);
    const subjects = (await mailsOf(begun.lost)).map(({ subject }) => subject);
    expect(subjects.filter((one) => /^New number request/.test(one))).toHaveLength(1);
    expect(subjects.filter((one) => /^Your request for/.test(one))).toHaveLength(1);
  });
  it('N2: a function killed while it sent mails: each goes out, once', { timeout: SWEPT_MS }, async () => {
    const both = { timeout: SWEPT_MS, interval: 1000 };
    await vi.waitFor(async () => expect((await mailsOf(begun.killed)).length).toBeGreaterThanOrEqual(2), both);

    const to = (await mailsOf(begun.killed)).map((mail) => mail.to.join());
    expect(to.toSorted()).toEqual(['admin@acme.example', 'cs@numbergate.example']);
  });
});
