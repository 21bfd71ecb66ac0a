import { S3Client } from '@aws-sdk/client-s3';
import type { Blobs } from '../blobs.ts';
import { functionClock } from './base.ts';
import { S3_SETTINGS, s3Blobs } from './blobs.ts';
import { within } from './limits.ts';

export interface PapersBucket {
  readonly PAPERS_BUCKET: string;
  readonly PAPERS_KEY_ARN: string;
}

/** Papers in S3. Another endpoint than AWS's own (an emulator) has no host name per bucket. */
export function papersBucket({ PAPERS_BUCKET: bucket, PAPERS_KEY_ARN: kmsKeyId }: PapersBucket): Blobs {
  const forcePathStyle = Boolean(process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']);
  const client = new S3Client({ ...S3_SETTINGS, requestHandler: within(10_000), maxAttempts: 2, forcePathStyle });
  return s3Blobs({ client, bucket, kmsKeyId, clock: functionClock });
}
