import { describe } from 'vitest';
import { signedCalls } from '../../functions/platform/aws/signed.ts';
import { dynamoTable } from '../../functions/platform/aws/table.ts';
import type { TableCall } from '../../functions/platform/aws/table-call.ts';
import { officialCalls } from '../../functions/platform/aws/table-official.ts';
import { systemClock, testClock } from '../../local/engine/clock.ts';
import { type OpenTable, tableContract } from '../contracts/table.ts';
import { tableProperties } from '../contracts/table-properties.ts';
import { credentials, region, tableMaker } from './table-lab.ts';

const { make, drop } = tableMaker();
// The emulator is slow beside the service; the limits themselves are tested where answers are scripted.
const patient = { tryMs: 10_000, totalMs: 30_000, requestMs: 10_000 };
const env = {
  AWS_ENDPOINT_URL: process.env['AWS_ENDPOINT_URL'],
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
};
const official = () => officialCalls({ ...patient, config: { region, credentials } });
const signed = () => signedCalls({ ...patient, service: 'dynamodb', region, env, clock: systemClock() });

describe.each([
  ['the official client', official],
  ['the signed requests', signed],
])('the table on DynamoDB over %s', (_, transport) => {
  const call: TableCall = transport();
  const open: OpenTable = async () => {
    const tableName = await make();
    const clock = testClock();
    return {
      table: dynamoTable({ call, tableName, clock }),
      clock,
      another: async () => dynamoTable({ call: transport(), tableName, clock }),
      close: () => drop(tableName),
    };
  };
  tableContract(open, { lag: false });
  tableProperties(open, { lag: false, runs: 25 });
});
