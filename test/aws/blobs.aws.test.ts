import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { S3_SETTINGS, type S3BlobsOptions, s3Blobs } from '../../functions/platform/aws/blobs.ts';
import { papersBucket } from '../../functions/platform/aws/papers-bucket.ts';
import { systemClock, testClock } from '../../local/engine/clock.ts';
import { type BlobsWorld, blobsContract, CONTENT, PDF } from '../contracts/blobs.ts';
import { emulator, ownName } from './place.ts';

emulator();
const client = new S3Client({ ...S3_SETTINGS, forcePathStyle: true });
afterAll(() => client.destroy());
const kmsKeyId = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555';

/** Files in a bucket of their own. The emulator runs by the machine's clock alone: links can only be signed earlier. */
async function opened(options: Partial<S3BlobsOptions> = {}) {
  const bucket = ownName('papers');
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { bucket, blobs: s3Blobs({ client, bucket, kmsKeyId, clock: systemClock(), ...options }) };
}
const ago = (seconds: number) => testClock(new Date(Date.now() - seconds * 1000));

const SIGNED = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature'];
/**
 * The emulator checks a link's signature, but serves who brings none, which a private bucket refuses. So a request whose
 * link is no longer one is refused here; that the bucket is private is for the tests of the infrastructure.
 */
const fetchSigned: typeof fetch = async (url, init) => {
  const query = new URL(String(url)).searchParams;
  const isLink =
    SIGNED.every((name) => query.has(`X-Amz-${name}`)) && query.get('X-Amz-Algorithm') === 'AWS4-HMAC-SHA256';
  return isLink ? fetch(url, init) : new Response(null, { status: 403 });
};

describe('files on S3', () => {
  blobsContract(async () => {
    const { bucket } = await opened();
    const blobs = papersBucket({ PAPERS_BUCKET: bucket, PAPERS_KEY_ARN: kmsKeyId });
    const aged: BlobsWorld['aged'] = (seconds, make) =>
      make(s3Blobs({ client, bucket, kmsKeyId, clock: ago(seconds), linkSeconds: 3_600 }));
    return { blobs, fetch: fetchSigned, aged, close: async () => undefined };
  });

  it('stores a file encrypted with our key, whatever the bucket does by itself', async () => {
    const { blobs, bucket } = await opened();
    const { url, headers } = await blobs.uploadLink('a', PDF);

    expect((await fetch(url, { method: 'PUT', headers, body: CONTENT })).status).toBe(200);

    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId });
  });
  it.each([
    'content-type',
    'if-none-match',
    'x-amz-server-side-encryption',
    'x-amz-server-side-encryption-aws-kms-key-id',
  ])('R3 R7: refuses an upload without the header %s, or with another value of it', async (name) => {
    const { blobs } = await opened();
    const { url, headers } = await blobs.uploadLink('a', PDF);
    const { [name]: _, ...without } = headers;

    for (const changed of [without, { ...headers, [name]: 'other' }])
      expect((await fetch(url, { method: 'PUT', headers: changed, body: CONTENT })).status).toBe(403);
    expect(await blobs.facts('a')).toBeUndefined();
  });
  it('R3: does not read a file over its limit', async () => {
    const { blobs } = await opened({ maxBytes: 7 });
    const { url, headers } = await blobs.uploadLink('a', PDF);
    await fetch(url, { method: 'PUT', headers, body: CONTENT });

    await expect(blobs.read('a')).rejects.toThrow('over 7 bytes');
    await expect(blobs.facts('a')).rejects.toThrow('over 7 bytes');
  });
});
