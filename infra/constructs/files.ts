import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { StageSettings } from '../settings.ts';
import { removal } from './removal.ts';

const PRIVATE = {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  versioned: true,
} as const;

/** Buckets: papers (own key), the console's files, and who asked for either. */
export class Files extends Construct {
  readonly papers: s3.Bucket;
  readonly console: s3.Bucket;

  constructor(scope: Construct, settings: StageSettings, keys: { readonly papers: IKey; readonly operations: IKey }) {
    super(scope, 'Files');
    const removalPolicy = removal(settings);
    const accessLog: s3.IBucket = madeBucket(
      new s3.Bucket(this, 'AccessLog', {
        ...PRIVATE,
        removalPolicy,
        // The service writes its access log only where it holds the key itself.
        encryption: s3.BucketEncryption.S3_MANAGED,
        lifecycleRules: [
          { expiration: Duration.days(settings.logDays), noncurrentVersionExpiration: Duration.days(30) },
        ],
      }),
    );
    this.papers = new s3.Bucket(this, 'Papers', {
      ...PRIVATE,
      removalPolicy,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: keys.papers,
      bucketKeyEnabled: true,
      serverAccessLogsBucket: accessLog,
      serverAccessLogsPrefix: 'papers/',
      cors: settings.consoleUrl ? [uploadsFrom(settings.consoleUrl)] : [],
      lifecycleRules: [stray, deleted],
    });
    tellEventBus(this.papers);
    this.console = new s3.Bucket(this, 'Console', {
      ...PRIVATE,
      removalPolicy,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: keys.operations,
      bucketKeyEnabled: true,
      serverAccessLogsBucket: accessLog,
      serverAccessLogsPrefix: 'console/',
    });
  }
}

const uploadsFrom = (origin: string): s3.CorsRule => ({
  allowedMethods: [s3.HttpMethods.PUT],
  allowedOrigins: [origin],
  allowedHeaders: ['content-type', 'content-length', 'if-none-match', 'x-amz-*'],
  maxAge: 300,
});
/** Uploads that were begun and never ended (R3). */
const stray: s3.LifecycleRule = { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) };
/** A paper that was deleted is gone for good after a month: until then a mistake can be taken back. */
const deleted: s3.LifecycleRule = {
  id: 'deleted-papers',
  noncurrentVersionExpiration: Duration.days(30),
  expiredObjectDeleteMarker: true,
};

/** The library's own class does not fit its own interface under `exactOptionalPropertyTypes`. */
const madeBucket = (bucket: s3.Bucket): s3.IBucket => bucket as s3.IBucket;

/** Set on the resource itself: the construct's own way would bring a function of the toolkit with wide rights. */
function tellEventBus(bucket: s3.Bucket): void {
  const { defaultChild } = bucket.node;
  if (!(defaultChild instanceof s3.CfnBucket)) throw new Error('a bucket without its resource');
  defaultChild.addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled', true);
}
