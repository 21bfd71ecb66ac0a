import { randomBytes } from 'node:crypto';
import { MANIFESTS } from '../../functions/carriers/registry.ts';
import { secretPlace } from '../../functions/platform/aws/secret-place.ts';
import { simulatedPublicKey } from '../../local/carriers/telnyx/keys.ts';
import { secretRules } from '../../local/credentials.ts';
import { EMAILS } from '../../test/blackbox/speaker.ts';
import type { Aws } from './aws.ts';
import { type Deployed, STACK } from './deploy.ts';

/** Credentials of simulated carriers: by environment name for the simulators, by our names for the secrets. */
export interface Credentials {
  readonly byVariable: Readonly<Record<string, string>>;
  readonly byName: Readonly<Record<string, string>>;
}

/** Credentials as the simulated carriers would hand them out. */
export function simulatedCredentials(): Credentials {
  const ofCarriers = secretRules({}).filter(({ name }) => name.startsWith('carriers/'));
  const made = ofCarriers.flatMap(({ name, variable, generate }) =>
    variable && generate ? [{ name, variable, value: generate() }] : [],
  );
  const apiKey = made.find(({ variable }) => variable === 'TELNYX_API_KEY')?.value ?? '';
  const publicKey = {
    name: 'carriers/telnyx/public-key',
    variable: 'TELNYX_PUBLIC_KEY',
    value: simulatedPublicKey(apiKey),
  };
  const all = [...made, publicKey];
  return {
    byVariable: Object.fromEntries(all.map(({ variable, value }) => [variable, value])),
    byName: Object.fromEntries(all.map(({ name, value }) => [name, value])),
  };
}

/** Puts the carriers' credentials where the functions read them; what is in a secret already stays (docs/deploy.md). */
export async function putSecrets(aws: Aws, { SecretsPrefix }: Deployed, { byName }: Credentials): Promise<void> {
  const places = Map.groupBy(Object.entries(byName), ([name]) => secretPlace(SecretsPrefix, name).secretId);
  for (const [SecretId, entries] of places) {
    const found = await aws
      .call('secretsmanager', 'GetSecretValue', { SecretId })
      .catch(() => ({ SecretString: '{}' }));
    const before = JSON.parse(String(found['SecretString'] || '{}'));
    const SecretString = JSON.stringify({ ...before, ...Object.fromEntries(entries) });
    await aws.call('secretsmanager', 'PutSecretValue', { SecretId, SecretString });
  }
}

const SECRET = /\/(auth-token|api-secret|signature-secret)$|^carriers\/telnyx\/api-key$/;

/** Those of the credentials that nobody may see; the others are names of accounts, or public. */
export const secretOnes = ({ byName }: Credentials): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(byName).filter(([name]) => SECRET.test(name)));

/** Everybody's password in the emulator's user pool: made for this run. */
export const newPassword = (): string => `Aa1!${randomBytes(16).toString('hex')}`;

const TENANTS = {
  acme: { tenantId: 'ten_00000000000000000000000001', name: 'Acme' },
  globex: { tenantId: 'ten_00000000000000000000000002', name: 'Globex' },
} as const;
const PEOPLE = [
  { email: EMAILS.customer, name: 'Pam Beesly', role: 'customer', of: 'acme', extension: '1001' },
  { email: EMAILS.admin, name: 'Alex Admin', role: 'tenant_admin', of: 'acme', extension: '1002' },
  { email: EMAILS.globex, name: 'Gwen Admin', role: 'tenant_admin', of: 'globex', extension: '1001' },
  { email: EMAILS.cs, name: 'Chris Success', role: 'customer_success' },
  { email: EMAILS.cs2, name: 'Sam Success', role: 'customer_success' },
  { email: EMAILS.operator, name: 'Olga Operator', role: 'operator' },
] as const;

/** The first tenants and people: invited at the user pool, then made known to the gateway by its owner's tasks. */
export async function addPeople(aws: Aws, { UserPoolId }: Deployed, password: string): Promise<void> {
  const owner = (task: string, input: object) => aws.invoke(`${STACK}-jobs`, { task, input });
  const admin = (operation: string, input: object) => aws.call('cognito-idp', operation, { UserPoolId, ...input });
  for (const tenant of Object.values(TENANTS))
    await owner('CreateTenant', { ...tenant, country: 'GB', timeZone: 'Europe/London' });
  for (const person of PEOPLE) {
    const { email, name, role } = person;
    const UserAttributes = [
      { Name: 'email', Value: email },
      { Name: 'email_verified', Value: 'true' },
    ];
    const made = await admin('AdminCreateUser', { Username: email, UserAttributes, MessageAction: 'SUPPRESS' });
    const { Username, Attributes } = made['User'] as {
      Username: string;
      Attributes: { Name: string; Value: string }[];
    };
    const subject = Attributes.find((one) => one.Name === 'sub')?.Value;
    await admin('AdminSetUserPassword', { Username, Password: password, Permanent: true });
    await admin('AdminAddUserToGroup', { Username, GroupName: role });
    const own = 'of' in person ? { tenantId: TENANTS[person.of].tenantId, extension: person.extension } : {};
    await owner('AddPerson', { name, email, roles: [role], subject, ...own });
  }
}

/** Carriers a run simulates. */
export const CARRIERS: readonly string[] = MANIFESTS.map(({ id }) => id);
