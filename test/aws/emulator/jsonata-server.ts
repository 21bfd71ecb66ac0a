import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { templateCompiler } from '../../../local/engine/workflows/templates.ts';

/** What the emulator asks: a JSON value with `{% … %}` in it, and what its expressions may see. */
interface Question {
  readonly template: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly states: unknown;
}

/**
 * Evaluates the expressions of state machines for the emulator with the `jsonata` package, on loopback. Its answer is
 * `{ value }`, or `{ error }` for whatever Step Functions calls States.QueryEvaluationError.
 */
export async function jsonataServer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const compile = templateCompiler();
  const answer = async (question: Question): Promise<object> => {
    try {
      const { template, variables, states } = question;
      return { value: await compile(template)({ ...variables, states }) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', async () => {
      const found = await answer(JSON.parse(Buffer.concat(parts).toString()));
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
