import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { S3_SETTINGS, s3Blobs } from '../../../functions/platform/aws/blobs.ts';
import { papersBucket } from '../../../functions/platform/aws/papers-bucket.ts';
import { testClock } from '../../../local/engine/clock.ts';
import { CONTENT, PDF } from '../../contracts/blobs.ts';
import { type Act, cuts, fails, resets, type ScriptedServer, scriptedServer, silent } from './scripted-server.ts';

const kmsKeyId = 'arn:aws:kms:eu-central-1:123456789012:key/k1';
const here = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };
const open: { server?: ScriptedServer; client?: S3Client } = {};
afterEach(async () => {
  open.client?.destroy();
  await open.server?.close();
});

const file =
  (bytes: Uint8Array, headers: Readonly<Record<string, string>> = { 'content-length': String(bytes.length) }): Act =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/pdf', ...headers });
    response.end(response.req.method === 'HEAD' ? undefined : bytes);
  };
const missing: Act = (response) => {
  response.writeHead(404, { 'content-type': 'application/xml' });
  response.end(
    response.req.method === 'HEAD' ? undefined : '<Error><Code>NoSuchKey</Code><Message>no</Message></Error>',
  );
};
const forbidden: Act = (response) => {
  response.writeHead(403, { 'content-type': 'application/xml' });
  response.end(
    response.req.method === 'HEAD' ? undefined : '<Error><Code>AccessDenied</Code><Message>no</Message></Error>',
  );
};
/** The beginning of a file, then silence. */
const stalls: Act = (response) => {
  response.writeHead(200, { 'content-type': 'application/pdf', 'content-length': '8' });
  response.write('%PDF');
};
const abandoned: unknown[] = [];
/** As much as anybody takes, without saying how much it will be. */
const endless: Act = (response) => {
  response.on('close', () => abandoned.push(response));
  response.writeHead(200, { 'content-type': 'application/pdf' });
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
};

async function against(...acts: readonly Act[]) {
  const server = await scriptedServer(acts);
  Object.assign(process.env, here, { AWS_ENDPOINT_URL_S3: server.url });
  const client = new S3Client({ ...S3_SETTINGS, forcePathStyle: true, maxAttempts: 2 });
  Object.assign(open, { server, client });
  return {
    blobs: s3Blobs({ client, bucket: 'papers', kmsKeyId, clock: testClock(), maxBytes: 1_000, timeoutMs: 400 }),
    server,
  };
}
const outcome = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    (value) => `done: ${String(value)}`,
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe('links to files on S3', () => {
  const client = new S3Client({
    ...S3_SETTINGS,
    region: here.AWS_REGION,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session' },
  });
  const options = { client, bucket: 'papers', kmsKeyId, clock: testClock() };

  it('R3 R7: an upload link signs size, type, encryption and that nothing is there', async () => {
    const link = await s3Blobs(options).uploadLink('documents/a', PDF);
    const url = new URL(link.url);

    expect(url.origin + url.pathname).toBe('https://papers.s3.eu-central-1.amazonaws.com/documents/a');
    expect(url.searchParams.get('X-Amz-SignedHeaders')?.split(';')).toEqual([
      'content-length',
      'content-type',
      'host',
      'if-none-match',
      'x-amz-server-side-encryption',
      'x-amz-server-side-encryption-aws-kms-key-id',
    ]);
    expect(link).toMatchObject({
      method: 'PUT',
      headers: {
        'content-type': 'application/pdf',
        'if-none-match': '*',
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId,
      },
      expiresAt: '2026-01-15T09:05:00.000Z',
    });
  });
  it('links of two sizes have two signatures', async () => {
    const signatureOf = async (size: number) =>
      new URL((await s3Blobs(options).uploadLink('a', { ...PDF, size })).url).searchParams.get('X-Amz-Signature');

    expect(await signatureOf(8)).not.toBe(await signatureOf(9));
    expect(await signatureOf(8)).toBe(await signatureOf(8));
  });
  it('signs no checksum: nobody knows that of a file still to come', async () => {
    Object.assign(process.env, here);
    const { url } = await papersBucket({ PAPERS_BUCKET: 'papers', PAPERS_KEY_ARN: kmsKeyId }).uploadLink('a', PDF);

    expect([...new URL(url).searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([]);
  });
  it('gives out no link of a client that would sign the checksum of an empty file', async () => {
    const { requestChecksumCalculation, responseChecksumValidation } = new S3Client({}).config;
    expect(await Promise.all([requestChecksumCalculation(), responseChecksumValidation()])).toEqual(
      Array(2).fill('WHEN_SUPPORTED'),
    );
    const usual = new S3Client({ region: here.AWS_REGION, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });

    await expect(s3Blobs({ ...options, client: usual }).uploadLink('a', PDF)).rejects.toThrow('checksum');
  });
  it.each([
    [undefined, '300', '2026-01-15T09:05:00.000Z'],
    [3_600, '300', '2026-01-15T09:05:00.000Z'],
    [60, '60', '2026-01-15T09:01:00.000Z'],
  ])('are good for five minutes at most (%s)', async (linkSeconds, seconds, expiresAt) => {
    const blobs = s3Blobs({ ...options, ...(linkSeconds === undefined ? {} : { linkSeconds }) });
    for (const link of [await blobs.uploadLink('a', PDF), await blobs.downloadLink('a', 'a.pdf')]) {
      const { searchParams } = new URL(link.url);
      expect([searchParams.get('X-Amz-Expires'), searchParams.get('X-Amz-Date')]).toEqual([
        seconds,
        '20260115T090000Z',
      ]);
      expect(link.expiresAt).toBe(expiresAt);
    }
  });
  it('a download link is for an attachment under a name that ends no header', async () => {
    const { url } = await s3Blobs(options).downloadLink('a', 'Prüfung "1"\r\nx: y.pdf');

    expect(new URL(url).searchParams.get('response-content-disposition')).toBe(
      `attachment; filename="Pr_fung _1___x_ y.pdf"; filename*=UTF-8''Pr%C3%BCfung%20%221%22%0D%0Ax%3A%20y.pdf`,
    );
  });
});

describe('reading files of S3', () => {
  it('tells size, type and hash of what is there', async () => {
    const { blobs } = await against(file(CONTENT));

    expect(await blobs.facts('a')).toEqual({
      ...PDF,
      sha256: createHash('sha256').update(CONTENT).digest('hex'),
    });
  });
  it('knows nothing of what is missing', async () => {
    const { blobs } = await against(missing);

    expect(await blobs.read('a')).toBeUndefined();
    expect(await blobs.facts('a')).toBeUndefined();
  });
  it('R7: a file removed between two looks is missing', async () => {
    const { blobs } = await against(file(CONTENT), missing);

    expect(await blobs.facts('a')).toBeUndefined();
  });
  it('does not take forbidden for missing', async () => {
    const { blobs } = await against(forbidden);

    await expect(blobs.read('a')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(blobs.facts('a')).rejects.toThrow();
  });
  it.each([
    ['says so', file(new Uint8Array(1_001))],
    ['does not say so', file(new Uint8Array(1_001), {})],
    ['never ends', endless],
  ])('R3: stops at the first byte too many of a file that %s', async (_, act) => {
    const { blobs } = await against(act);

    expect(await outcome(blobs.read('a'))).toBe('Error: a stored file is over 1000 bytes');
    if (act === endless) await expect.poll(() => abandoned).toHaveLength(1);
  });
  it.each([
    ['silent', silent, 'CallTimedOut'],
    ['stalled in the middle', stalls, 'CallTimedOut'],
  ])('gives up a file that is %s, and the connection with it', async (_, act, name) => {
    const { blobs, server } = await against(act);
    const start = performance.now();

    expect(await outcome(blobs.read('a'))).toMatch(name);
    expect(performance.now() - start).toBeLessThan(1_000);
    await expect.poll(() => server.counts.givenUp).toBe(1);
  });
  it('never takes the beginning of a file for the file', async () => {
    const { blobs } = await against(cuts);

    expect(await outcome(blobs.read('a'))).not.toContain('done');
  });
  it.each([
    ['reset', resets],
    ['down', fails(503)],
  ])('asks once more after an answer that was lost (%s)', async (_, lost) => {
    const { blobs, server } = await against(lost, file(CONTENT));

    expect(await blobs.read('a')).toEqual(Buffer.from(CONTENT));
    expect(server.heard).toHaveLength(2);
  });
});
