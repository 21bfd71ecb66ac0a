import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { adminFetch } from './sign.ts';

type Functions = Readonly<Record<string, (payload: never) => unknown>>;

/**
 * Functions on the emulator that are really run by its Node, and do no more than ask this process what to answer or throw.
 * @param endpoint of the emulator
 * @param functions by name; names are shared by everybody on one emulator
 */
export async function stubFunctions(endpoint: string, functions: Functions): Promise<{ close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', async () => {
      const { name, event } = JSON.parse(Buffer.concat(parts).toString());
      const answer = await settled(() => functions[name]?.(event as never));
      outgoing.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await makeRole(endpoint);
  for (const name of Object.keys(functions)) await createFunction(endpoint, name, source(name, port));
  return {
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

async function settled(run: () => unknown): Promise<object> {
  try {
    return { value: (await run()) ?? null };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: { name, message } };
  }
}

const source = (name: string, port: number): string => `
export const handler = async (event) => {
  const body = JSON.stringify({ name: ${JSON.stringify(name)}, event });
  const answer = await (await fetch('http://127.0.0.1:${port}', { method: 'POST', body })).json();
  if (answer.error) throw Object.assign(new Error(answer.error.message), { name: answer.error.name });
  return answer.value;
};
`;

/** The role of stubs and of machines that tests make; it may nothing. */
async function makeRole(endpoint: string): Promise<void> {
  const services = ['lambda.amazonaws.com', 'states.amazonaws.com'];
  const Statement = [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }];
  const body = new URLSearchParams({
    ...{ Action: 'CreateRole', Version: '2010-05-08', RoleName: 'stub' },
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const made = await adminFetch({ service: 'iam', method: 'POST', url: endpoint, path: '/', headers, body });
  if (!made.ok && made.status !== 409) throw new Error(`role: ${made.status} ${await made.text()}`);
}

/** Makes a function of one file; who has been there under this name is gone. */
export async function createFunction(
  endpoint: string,
  name: string,
  code: string,
  role = 'arn:aws:iam::000000000000:role/stub',
): Promise<void> {
  const call = (method: string, path: string, body?: object) =>
    adminFetch({
      ...{ service: 'lambda', method, url: endpoint, path: `/2015-03-31/functions${path}` },
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
  await call('DELETE', `/${name}`);
  const made = await call('POST', '', {
    ...{ FunctionName: name, Runtime: 'nodejs24.x', Handler: 'index.handler', Timeout: 30 },
    Role: role,
    Code: { ZipFile: zipOf('index.mjs', code).toString('base64') },
  });
  if (!made.ok) throw new Error(`function ${name}: ${made.status} ${await made.text()}`);
}

/** An archive of one file, stored. */
function zipOf(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  const title = Buffer.from(name);
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt32LE(crc32(content), 10);
  facts.writeUInt32LE(content.length, 14);
  facts.writeUInt32LE(content.length, 18);
  facts.writeUInt16LE(title.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, title, content]);
  const made = Buffer.from('PK\x01\x02\x14\x00', 'latin1');
  const central = Buffer.concat([made, facts, Buffer.alloc(14), title]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
