import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { attachment } from '../attachment.ts';
import { checkedBlobKey } from '../blob-key.ts';
import type { Blobs } from '../blobs.ts';
import type { Clock } from '../clock.ts';
import { readBody, sha256Of } from './blob-body.ts';
import { errorName, inTime } from './in-time.ts';

export interface S3BlobsOptions {
  /** Made with `S3_SETTINGS`. */
  readonly client: S3Client;
  readonly bucket: string;
  /** Key (ARN) every file is encrypted with; uploads name it, whatever the bucket's own setting. */
  readonly kmsKeyId: string;
  readonly clock: Clock;
  /** How long links are good, default and at most 300. */
  readonly linkSeconds?: number;
  /** Largest file that is read, default 10 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds of one operation, reading the file included; default 15,000. */
  readonly timeoutMs?: number;
}

/**
 * Settings a client of S3 needs here: by default the signer would sign the checksum of an empty body into an upload link
 * (reliability §6), and ask for checksums of what others have stored.
 */
export const S3_SETTINGS = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;

const MAX_LINK_SECONDS = 300;

/**
 * Files in a private bucket. An upload link fixes size, type, encryption and that nothing is there yet, all by its signature
 * (R3, R7). Reading throws for a file over `maxBytes`; a missing file is undefined.
 */
export function s3Blobs(options: S3BlobsOptions): Blobs {
  const { client, bucket, maxBytes = 10 * 1024 * 1024, timeoutMs = 15_000 } = options;
  const within = <T>(call: (signal: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> =>
    inTime(timeoutMs, (abortSignal) => call({ abortSignal }));
  const placeOf = (key: string) => ({ Bucket: bucket, Key: checkedBlobKey(key) });
  const read: Blobs['read'] = async (key) => {
    const place = placeOf(key);
    return within(async (signal) => {
      const found = await unlessMissing(client.send(new GetObjectCommand(place), signal));
      return found && readBody(found.Body, maxBytes, signal.abortSignal);
    });
  };
  return {
    ...links(options, placeOf),
    read,
    async facts(key) {
      const place = placeOf(key);
      const head = await within((signal) => unlessMissing(client.send(new HeadObjectCommand(place), signal)));
      const bytes = head && (await read(key));
      return bytes && { size: bytes.byteLength, contentType: head.ContentType ?? '', sha256: sha256Of(bytes) };
    },
    async remove(key) {
      const place = placeOf(key);
      await within((signal) => client.send(new DeleteObjectCommand(place), signal));
    },
  };
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

function links(options: S3BlobsOptions, placeOf: (key: string) => Place): Pick<Blobs, 'uploadLink' | 'downloadLink'> {
  const { client, kmsKeyId, clock, linkSeconds = MAX_LINK_SECONDS } = options;
  const period = () => {
    const signingDate = clock.now();
    const expiresIn = Math.min(linkSeconds, MAX_LINK_SECONDS);
    return { signingDate, expiresIn, expiresAt: new Date(signingDate.getTime() + expiresIn * 1000).toISOString() };
  };
  return {
    async uploadLink(key, { size, contentType }) {
      const { expiresAt, ...signed } = period();
      const headers = uploadHeaders(contentType, kmsKeyId);
      const fixed = new Set([...Object.keys(headers), 'content-length', 'host']);
      const put = new PutObjectCommand({
        ...placeOf(key),
        ContentLength: size,
        ContentType: contentType,
        IfNoneMatch: '*',
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: kmsKeyId,
      });
      const url = await getSignedUrl(client, put, { ...signed, signableHeaders: fixed, unhoistableHeaders: fixed });
      checkSigned(url, fixed);
      return { method: 'PUT', url, headers, expiresAt };
    },
    async downloadLink(key, fileName) {
      const { expiresAt, ...signed } = period();
      const disposition = attachment(fileName.slice(0, 200));
      const get = new GetObjectCommand({ ...placeOf(key), ResponseContentDisposition: disposition });
      return { url: await getSignedUrl(client, get, signed), expiresAt };
    },
  };
}

function uploadHeaders(contentType: string, kmsKeyId: string) {
  return {
    'content-type': contentType,
    'if-none-match': '*',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId,
  } as const;
}

/** Which headers a signature covers is the signer's choice, and was changed before: a link that fixes less is not given out. */
function checkSigned(url: string, fixed: ReadonlySet<string>): void {
  const query = new URL(url).searchParams;
  const signed = new Set(query.get('X-Amz-SignedHeaders')?.split(';'));
  const loose = [...fixed].filter((name) => !signed.has(name));
  const checksum = [...query.keys()].filter((name) => /^x-amz-checksum-/i.test(name));
  if (loose.length + checksum.length === 0) return;
  throw new Error(`an upload link would not fix ${loose.join(', ')} or would sign ${checksum.join(', ')}`);
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorName(error) === 'NoSuchKey' || errorName(error) === 'NotFound') return undefined;
    throw error;
  }
}
