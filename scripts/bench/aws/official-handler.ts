import { inboundApp } from '../../../functions/inbound/app.ts';
import { inboundDialects } from '../../../functions/inbound/dialects.ts';
import { onInboundEvents } from '../../../functions/inbound/on-lambda.ts';
import { functionClock as clock, functionLog } from '../../../functions/platform/aws/base.ts';
import { awsSecrets } from '../../../functions/platform/aws/secrets.ts';
import { officialSecretCalls } from '../../../functions/platform/aws/secrets-official.ts';
import { dynamoTable } from '../../../functions/platform/aws/table.ts';
import { officialCalls } from '../../../functions/platform/aws/table-official.ts';

/** The reference of C2: our own inbound in all but its client, which is the official one for both services. */
const log = functionLog();
const { TABLE_NAME: tableName = '', SECRETS_PREFIX: prefix = '', PUBLIC_URL: publicUrl = '' } = process.env;
const dialects = inboundDialects(publicUrl);
const table = dynamoTable({ call: officialCalls({}), tableName, clock });
const secrets = awsSecrets({ call: officialSecretCalls(), prefix, clock, log, freshSeconds: 1 });
const app = () => inboundApp({ table, secrets, clock, log, settings: { publicUrl }, dialects });
export const handler = onInboundEvents(app, { dialects, log });
