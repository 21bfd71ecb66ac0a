import { EMAILS, type Person, type Speaker, speaker } from '../../blackbox/speaker.ts';

/** Addresses of a deployed gateway, as `npm run test:aws` tells them. */
const given = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run npm run test:aws`);
  return value;
};

export interface Deployed extends Speaker {
  readonly url: string;
  readonly simulators: string;
  /** Root of AWS's own interfaces. */
  readonly aws: string;
  readonly patienceMs: number;
  readonly acme: string;
  readonly globex: string;
  readonly ids: Readonly<Record<Person, string>>;
  /** What the stack told: names of the table, the secrets. */
  readonly outputs: Readonly<Record<string, string>>;
  token(email: string): Promise<string>;
  /** What only a harness can do: faults of the table, secrets and mail, lost events, killed functions. */
  harness(
    act: 'fault' | 'hits' | 'heal' | 'lose-events' | 'kill' | 'begun',
    wish?: object,
  ): Promise<Record<string, unknown>>;
}

/** The deployed gateway, spoken to by HTTP only; people sign in at its user pool. */
export async function openDeployed(): Promise<Deployed> {
  const [url, simulators, aws] = [given('NUMBERGATE_URL'), given('SIMULATORS_URL'), given('AWS_ENDPOINT_URL')];
  const outputs: Record<string, string> = JSON.parse(given('DEPLOYED'));
  const tokens = new Map<string, Promise<string>>();
  const token = (email: string): Promise<string> => {
    const known = tokens.get(email) ?? signIn(aws, outputs['UserPoolClientId'] ?? '', email);
    tokens.set(email, known);
    return known;
  };
  const nobodys = speaker({ url, simulators, token, tenantOfStaff: '' });
  const me = async (who: Person) => (await nobodys.ask('GET /v1/me', { as: who, tenant: false })).json;
  const names = Object.keys(EMAILS) as Person[];
  const known = await Promise.all(names.map(me));
  const ids = Object.fromEntries(names.map((name, at) => [name, known[at]?.id])) as Record<Person, string>;
  const tenantOf = (who: Person): string => known[names.indexOf(who)]?.tenantId ?? '';
  const acme = tenantOf('admin');
  return {
    ...speaker({ url, simulators, token, tenantOfStaff: acme }),
    ...{ url, simulators, aws, acme, globex: tenantOf('globex'), ids, outputs, token, patienceMs: 40_000 },
    async harness(act, wish = {}) {
      const answer = await fetch(`${given('HARNESS_URL')}/${act}`, { method: 'POST', body: JSON.stringify(wish) });
      return answer.json() as Promise<Record<string, unknown>>;
    },
  };
}

/** An access token of the user pool, by its own interface. */
async function signIn(aws: string, ClientId: string, email: string): Promise<string> {
  const answer = await fetch(aws, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      ...{ ClientId, AuthFlow: 'USER_PASSWORD_AUTH' },
      AuthParameters: { USERNAME: email, PASSWORD: given('PEOPLE_PASSWORD') },
    }),
  });
  const signed = (await answer.json()) as { AuthenticationResult?: { AccessToken: string } };
  if (!signed.AuthenticationResult) throw new Error(`${email} cannot sign in: ${JSON.stringify(signed)}`);
  return signed.AuthenticationResult.AccessToken;
}
