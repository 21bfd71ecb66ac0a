/**
 * One server of a comparison, in a process of its own: `whole <folder> [seed]` (the gateway as it is started, data in this
 * folder) or `reference <folder>` (routes in a file there). Tells its port, and what it has used whenever it is asked. Each
 * loads only what it is made of: start and memory are measured.
 */
const [kind = '', folder = '', seeding] = process.argv.slice(2);
const port = kind === 'whole' ? await whole() : await reference();
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
