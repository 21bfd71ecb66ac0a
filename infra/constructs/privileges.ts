import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type FunctionName, ITEM_ACTIONS, TABLE_RIGHTS } from '../table-rights.ts';

/** Ids of statements are letters and digits. */
const sid = (...words: readonly string[]): string =>
  words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');

/**
 * A function's rights in the table, one statement an action. `ForAllValues` alone is true when a call names no key at all,
 * hence the second condition.
 */
export function tableStatements(name: FunctionName, tableArn: string): readonly iam.PolicyStatement[] {
  const { items, lists = {} } = TABLE_RIGHTS[name];
  const conditions = (partitions: readonly string[]) => ({
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  });
  const ofItems = ITEM_ACTIONS.flatMap((action) => {
    const partitions = items[action];
    if (!partitions) return [];
    const actions = [`dynamodb:${action}`];
    return [statement(sid('table', action), actions, [tableArn], conditions(partitions))];
  });
  const ofLists = Object.entries(lists).map(([index, partitions]) =>
    statement(sid('list', index), ['dynamodb:Query'], [`${tableArn}/index/${index}`], conditions(partitions)),
  );
  return [...ofItems, ...ofLists];
}

export function statement(
  id: string,
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Readonly<Record<string, unknown>>,
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: id,
    actions: [...actions],
    resources: [...resources],
    ...(conditions ? { conditions: { ...conditions } } : {}),
  });
}

/** A key is used only through the service that keeps what it encrypts. */
export function keyStatement(id: string, scope: Stack, keyArn: string, service: string, actions: readonly string[]) {
  return statement(
    id,
    actions.map((action) => `kms:${action}`),
    [keyArn],
    {
      StringEquals: { 'kms:ViaService': `${service}.${scope.region}.amazonaws.com` },
    },
  );
}

/** A service of AWS, acting for this account and for no other one. */
export const servicePrincipal = (service: string, scope: Construct): iam.ServicePrincipal =>
  new iam.ServicePrincipal(`${service}.amazonaws.com`, {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
