import { functionClock, functionLog, regionOf } from '../platform/aws/base.ts';
import { awsSecrets } from '../platform/aws/secrets.ts';
import { readVariables, withoutSlash } from '../platform/aws/settings.ts';
import { signedCalls } from '../platform/aws/signed.ts';
import { dynamoTable } from '../platform/aws/table.ts';
import { inboundApp } from './app.ts';
import { inboundDialects } from './dialects.ts';
import { onInboundEvents } from './on-lambda.ts';

const clock = functionClock;
const log = functionLog();
const region = regionOf(process.env);
const given = readVariables('inbound', process.env);
const settings = { publicUrl: withoutSlash(given.PUBLIC_URL) };
const dialects = inboundDialects(settings.publicUrl);
const table = dynamoTable({
  call: signedCalls({ service: 'dynamodb', region, clock }),
  tableName: given.TABLE_NAME,
  clock,
  log,
});
// The room keeps secrets itself, and reads anew after a wrong signature: what lies here may be no older than that.
const secrets = awsSecrets({
  call: signedCalls({ service: 'secretsmanager', region, clock }),
  prefix: given.SECRETS_PREFIX,
  clock,
  log,
  freshSeconds: 1,
  keptSeconds: 0,
});
const serve = onInboundEvents(() => inboundApp({ table, secrets, clock, log, settings, dialects }), { dialects, log });

// Both readings of a first answer open their connections here, where there is more processor than later.
await Promise.allSettled([secrets.find('inbound/step-key'), table.get({ pk: 'ROUTE#none', sk: 'none' })]);

/** Carriers' webhooks (house.md §1). */
export const handler = serve;
