import { adminFetch } from '../../test/aws/emulator/sign.ts';

export type Answer = Readonly<Record<string, unknown>>;
const PREFIXES = {
  'cognito-idp': 'AWSCognitoIdentityProviderService',
  logs: 'Logs_20140328',
  secretsmanager: 'secretsmanager',
} as const;

/** Calls of services no client is installed for, or that a harness needs one call of. Each throws what the service says. */
export interface Aws {
  /** `call('cognito-idp', 'AdminCreateUser', …)`. */
  call(service: keyof typeof PREFIXES, operation: string, input: object): Promise<Answer>;
  /** Runs a function and waits for its answer; throws what it threw. */
  invoke(name: string, payload: object): Promise<Answer>;
  /** Id of the HTTP API of this name. */
  apiNamed(name: string): Promise<string>;
}

/** @param url root of the emulator */
export function awsAt(url: string): Aws {
  const send = async (
    service: string,
    method: string,
    path: string,
    body = '',
    headers: Record<string, string> = {},
  ) => {
    const answer = await adminFetch({ service, method, url, path, headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${service} ${path} ${headers['x-amz-target'] ?? ''}: ${answer.status} ${text}`);
    return { answer, json: (text ? JSON.parse(text) : {}) as Answer };
  };
  return {
    async call(service, operation, input) {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${PREFIXES[service]}.${operation}`,
      };
      return (await send(service, 'POST', '/', JSON.stringify(input), headers)).json;
    },
    async invoke(name, payload) {
      const path = `/2015-03-31/functions/${name}/invocations`;
      const { answer, json } = await send('lambda', 'POST', path, JSON.stringify(payload));
      if (answer.headers.has('x-amz-function-error')) throw new Error(`${name}: ${JSON.stringify(json)}`);
      return json;
    },
    async apiNamed(name) {
      const { json } = await send('apigateway', 'GET', '/v2/apis');
      const items = (json['items'] ?? json['Items'] ?? []) as readonly Record<string, string>[];
      const found = items.find((item) => (item['name'] ?? item['Name']) === name);
      const id = found?.['apiId'] ?? found?.['ApiId'];
      if (!id) throw new Error(`there is no HTTP API ${name}: ${JSON.stringify(json)}`);
      return id;
    },
  };
}
