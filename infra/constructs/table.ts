import { Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { TABLE } from '../../functions/platform/aws/table-shape.ts';
import { prefixOf, type StageSettings } from '../settings.ts';
import { removal } from './removal.ts';

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

/** Where the items are, as the rest of the stack must know it. */
export interface TablePlace {
  readonly name: string;
  readonly arn: string;
  readonly streamArn: string;
}

/**
 * The one table, with the shape the code reads it by. On demand, restorable to any second of 35 days, with a stream of both
 * images. A restore makes a new table, which the settings name; the stack's own stays as it is.
 */
export class GatewayTable extends Construct {
  readonly place: TablePlace;

  constructor(scope: Construct, settings: StageSettings) {
    super(scope, 'Table');
    const table = new dynamodb.TableV2(this, 'Items', {
      tableName: prefixOf(settings),
      partitionKey: text(TABLE.partitionKey),
      sortKey: text(TABLE.sortKey),
      timeToLiveAttribute: TABLE.ttl,
      billing: dynamodb.Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
      dynamoStream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      deletionProtection: settings.keepData,
      removalPolicy: removal(settings),
      globalSecondaryIndexes: Object.entries(TABLE.indexes).map(([indexName, { pk, sk }]) => ({
        indexName,
        partitionKey: text(pk),
        sortKey: text(sk),
      })),
    });
    this.place = restored(this, settings) ?? placeOf(table);
  }
}

function placeOf({ tableName: name, tableArn: arn, tableStreamArn: streamArn }: dynamodb.TableV2): TablePlace {
  if (!streamArn) throw new Error('the table has no stream');
  return { name, arn, streamArn };
}

function restored(scope: Construct, { restoredTable }: StageSettings): TablePlace | undefined {
  if (!restoredTable) return undefined;
  const { name, streamArn } = restoredTable;
  return {
    name,
    streamArn,
    arn: Stack.of(scope).formatArn({ service: 'dynamodb', resource: 'table', resourceName: name }),
  };
}
