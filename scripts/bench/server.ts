/**
 * One server of a comparison, in a process of its own: `whole <folder> [seed]` (the gateway as it is started, data in this
 * folder), `reference <folder>` (routes in a file there), `aws` (DynamoDB and Secrets Manager by their wire), `function <file>`
 * (a function behind HTTP), `floor` (the function's traffic and nothing else) or `documents` (Express over DynamoDB). Tells its port, and what it has used whenever it is asked.
 * Each loads only what it is made of: start and memory are measured.
 */
const [kind = '', folder = '', seeding] = process.argv.slice(2);
const kinds: Readonly<Record<string, () => Promise<number>>> = {
  whole,
  reference,
  aws,
  function: ofFunction,
  floor,
  documents,
};
const port = await kinds[kind]?.();
process.send?.({ port });
process.on('message', () => process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }));
process.on('disconnect', () => process.exit(0));

async function whole(): Promise<number> {
  const { startGateway } = await import('../../local/gateway.ts');
  const { readSettings } = await import('../../local/settings.ts');
  const { ACCOUNT, AUTH_TOKEN, PUBLIC_URL } = await import('../../test/inbound/signed.ts');
  const env = { TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_AUTH_TOKEN: AUTH_TOKEN };
  const settings = readSettings({ PORT: '0', SIMULATORS_PORT: '0', DATA_DIR: folder, PUBLIC_URL });
  const gateway = await startGateway({ settings, env, logStream: process.stdout });
  if (seeding === 'seed') {
    const { seed } = await import('./numbers.ts');
    await seed(gateway.table);
  }
  return Number(new URL(gateway.url).port);
}

async function reference(): Promise<number> {
  const { serveReference } = await import('./reference.ts');
  const { routesOnDisk } = await import('./reference-store.ts');
  return await serveReference(routesOnDisk(folder));
}

async function aws(): Promise<number> {
  const { serveAws } = await import('./aws/aws-server.ts');
  return (await serveAws()).port;
}

async function ofFunction(): Promise<number> {
  const { serveFunction } = await import('./aws/function-server.ts');
  return await serveFunction(folder);
}

async function floor(): Promise<number> {
  const { serveFloor } = await import('./aws/floor-server.ts');
  return await serveFloor();
}

async function documents(): Promise<number> {
  const { serveReference } = await import('./reference.ts');
  const { routesInDynamo } = await import('./aws/document-store.ts');
  return await serveReference(routesInDynamo());
}
