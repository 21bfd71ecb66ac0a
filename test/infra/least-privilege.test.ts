import { describe, expect, it } from 'vitest';
import { ofType, type Resource, synthesise } from './synthesised.ts';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
const template = synthesise('dev', { acknowledgements: 'no packs' });

/** A reference of the template as short text: `<Table.Arn>`, `arn:aws:states:<AWS::Region>…`. */
function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = []] = Object.entries(value as Record<string, unknown>);
  if (name === 'Ref') return `<${String(argument)}>`;
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (name === 'Fn::Join') return (argument as [string, unknown[]])[1].map(text).join('');
  throw new Error(`no text for ${name}`);
}
const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value : [value]).map(text).toSorted();
/** Hashes in logical ids say nothing to a reader. */
const readable = (line: string): string =>
  line
    .replaceAll('arn:<AWS::Partition>', 'arn:aws')
    .replaceAll('<AWS::Region>:<AWS::AccountId>', '<here>')
    .replace(/<(\w+?)[0-9A-F]{8}((?:\.\w+)*)>/g, '<$1$2>');

function conditions({ Condition = {} }: Statement): string {
  const parts = Object.entries(Condition).flatMap(([test, keys]) =>
    Object.entries(keys).map(([key, value]) => `${test} ${key} = ${list(value).join(' ')}`),
  );
  return parts.length > 0 ? ` if ${parts.toSorted().join(', ')}` : '';
}

const policies = ofType(template, 'AWS::IAM::Policy');
const roleOf = ({ Properties }: Resource): string => text(Properties.Roles[0]).replace(/^<|[0-9A-F]{8}>$/g, '');
/** Every right of every role: `role | action | resource | conditions`. */
const rights = policies
  .flatMap((policy) =>
    (policy.Properties.PolicyDocument.Statement as readonly Statement[]).flatMap((statement) =>
      list(statement.Action).flatMap((action) =>
        list(statement.Resource).map((resource) => ({
          role: roleOf(policy),
          effect: statement.Effect,
          action,
          resource: readable(resource),
          conditions: readable(conditions(statement)),
        })),
      ),
    ),
  )
  .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
const lineOf = ({ role, action, resource, conditions: when }: (typeof rights)[number]): string =>
  `${role} | ${action} | ${resource}${when}`;
const of = (role: string) => rights.filter((right) => right.role === role);

describe('rights of the roles', () => {
  it('are exactly those written down in rights.txt: action, resource, condition', async () => {
    await expect(`${rights.map(lineOf).join('\n')}\n`).toMatchFileSnapshot('rights.txt');
  });
  it('name every action: none ends with a wildcard', () => {
    expect(rights.filter(({ action }) => action.includes('*')).map(lineOf)).toEqual([]);
  });
  it('are all given in the stack: no managed policies', () => {
    const managed = ofType(template, 'AWS::IAM::Role').filter(({ Properties }) => Properties.ManagedPolicyArns);

    expect([managed, ofType(template, 'AWS::IAM::ManagedPolicy')]).toEqual([[], []]);
  });
  it('in the table always name partitions, and hold only when a call names one', () => {
    const inTable = rights.filter(
      ({ action, resource }) => action.startsWith('dynamodb:') && /^<TableItems\.Arn>/.test(resource),
    );

    expect(inTable.length).toBeGreaterThan(20);
    for (const right of inTable)
      expect(right.conditions).toMatch(
        /^ if ForAllValues:StringLike dynamodb:LeadingKeys = \S.*, Null dynamodb:LeadingKeys = false$/,
      );
  });
  it('give nobody an update or removal of audit entries (I9)', () => {
    const onEntries = rights.filter(
      ({ action, conditions: when }) => action.startsWith('dynamodb:') && / AUD#\*/.test(when),
    );

    expect([...new Set(onEntries.map(({ action }) => action))].toSorted()).toEqual([
      'dynamodb:PutItem',
      'dynamodb:Query',
    ]);
  });
  it('name no partition so widely that it takes in others', () => {
    const partitions = rights.flatMap(({ conditions: when }) =>
      (/LeadingKeys = ([^,]*)/.exec(when)?.[1] ?? '').split(' '),
    );

    for (const partition of partitions.filter(Boolean)) expect(partition).toMatch(/^[A-Z]+(#[a-z]+)*(#\*)?$/);
  });
  it('let inbound read routes and its own records, write calls, messages and hints, and read webhook secrets, nothing else', () => {
    const short = of('FunctionsinboundRole').map(lineOf);

    expect(short).toMatchInlineSnapshot(`
      [
        "FunctionsinboundRole | dynamodb:ConditionCheckItem | <TableItems.Arn> if ForAllValues:StringLike dynamodb:LeadingKeys = CALL#*, Null dynamodb:LeadingKeys = false",
        "FunctionsinboundRole | dynamodb:GetItem | <TableItems.Arn> if ForAllValues:StringLike dynamodb:LeadingKeys = CALL#* EVT#* MSG#* ROUTE#*, Null dynamodb:LeadingKeys = false",
        "FunctionsinboundRole | dynamodb:PutItem | <TableItems.Arn> if ForAllValues:StringLike dynamodb:LeadingKeys = CALL#* EVT#* MSG#* OUT#*, Null dynamodb:LeadingKeys = false",
        "FunctionsinboundRole | kms:Decrypt | <KeysSecrets.Arn> if StringEquals kms:ViaService = secretsmanager.<AWS::Region>.amazonaws.com",
        "FunctionsinboundRole | logs:CreateLogStream | <FunctionsinboundLog.Arn>",
        "FunctionsinboundRole | logs:PutLogEvents | <FunctionsinboundLog.Arn>",
        "FunctionsinboundRole | secretsmanager:GetSecretValue | arn:aws:secretsmanager:<here>:secret:numbergate/dev/webhooks-??????",
      ]
    `);
  });
  it("let only the carriers function read carriers' credentials", () => {
    const readers = rights.filter(
      ({ action, resource }) => action === 'secretsmanager:GetSecretValue' && resource.includes('/carriers/'),
    );

    expect([...new Set(readers.map(({ role }) => role))]).toEqual(['FunctionscarriersRole']);
  });
  it('let the api touch papers by signed links only, and read none itself', () => {
    const papers = of('FunctionsapiRole').filter(({ action }) => /^s3:(Get|Put)/.test(action));

    expect(papers.map(({ action }) => action)).toEqual(['s3:GetObject', 's3:PutObject']);
    for (const { conditions: when } of papers)
      expect(when).toBe(
        ' if NumericLessThanEquals s3:signatureAge = 300000, StringEquals s3:authType = REST-QUERY-STRING',
      );
  });
  it('let only jobs send mail, and from one address', () => {
    const senders = rights.filter(({ action }) => action.startsWith('ses:'));

    expect([...new Set(senders.map(({ role }) => role))]).toEqual(['FunctionsjobsRole']);
    for (const { conditions: when } of senders)
      expect(when).toBe(' if StringEquals ses:FromAddress = numbers@dev.numbergate.example');
  });
});
