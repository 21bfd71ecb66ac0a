import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startCarrier } from '../../test/contracts/carrier-start.ts';
import { checkExchange, checkWebhook, type Finding } from './check.ts';
import { type Deviation, deviationOf } from './deviations.ts';
import { driveEverything } from './scenarios.ts';
import { loadSpecs } from './specs.ts';
import type { JudgedCarrier } from './subjects.ts';

interface Counted extends Finding {
  readonly times: number;
  readonly reason?: string;
}
export interface Judgement {
  readonly carrier: string;
  readonly exchanges: number;
  readonly sdkCalls: number;
  /** Exchanges whose operation is described, and how many operations that were. */
  readonly described: number;
  readonly operations: readonly string[];
  readonly webhooks: number;
  readonly webhooksChecked: number;
  readonly failures: readonly Counted[];
  readonly allowed: readonly Counted[];
  readonly silent: readonly Counted[];
}

/** Drives one carrier's adapter against its simulator and judges both sides by the official description. */
export async function judge(carrier: JudgedCarrier, folder: string): Promise<Judgement> {
  const { id } = carrier.subject.manifest;
  const specs = loadSpecs(folder, id);
  const gateway = await listenForWebhooks();
  const started = await startCarrier(carrier.subject, gateway.url);
  try {
    await driveEverything(started);
  } finally {
    await started.close();
    await gateway.close();
  }
  const root = `/${id}`;
  const checked = started.observed.map((seen) => {
    const { pathname, search } = new URL(seen.request.url);
    return checkExchange(specs, seen, `${pathname.startsWith(root) ? pathname.slice(root.length) : pathname}${search}`);
  });
  const hooks = gateway.got.map(({ path, body }) => {
    const name = carrier.webhookName(path, body);
    return name === undefined ? undefined : checkWebhook(specs, name, body);
  });
  const findings = [...checked.flatMap((one) => one.findings), ...hooks.flatMap((one) => one ?? [])];
  const named = findings.map((finding) => ({ finding, deviation: deviationOf(id, finding.where, finding.problem) }));
  const operations = checked.flatMap(({ operation }) =>
    operation ? [`${operation.method} ${operation.template}`] : [],
  );
  return {
    ...{ carrier: id, exchanges: checked.length, described: operations.length },
    sdkCalls: started.observed.filter(carrier.isSdkCall).length,
    operations: [...new Set(operations)].sort(),
    ...{ webhooks: hooks.length, webhooksChecked: hooks.filter((hook) => hook !== undefined).length },
    failures: counted(named.filter((one) => one.deviation === undefined)),
    allowed: counted(named.filter((one) => one.deviation !== undefined)),
    silent: counted(checked.flatMap((one) => one.silent).map((finding) => ({ finding, deviation: undefined }))),
  };
}

function counted(list: readonly { finding: Finding; deviation: Deviation | undefined }[]): Counted[] {
  const rows = new Map<string, Counted>();
  for (const { finding, deviation } of list) {
    const key = `${finding.side} ${finding.where} ${finding.problem}`;
    const times = (rows.get(key)?.times ?? 0) + 1;
    rows.set(key, { ...finding, times, ...(deviation ? { reason: deviation.reason } : {}) });
  }
  return [...rows.values()];
}

async function listenForWebhooks() {
  const got: { path: string; body: unknown }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    got.push({
      path: incoming.url ?? '',
      body: incoming.headers['content-type']?.includes('json') ? JSON.parse(text) : text,
    });
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { got, url, close: () => new Promise((resolve) => server.close(resolve)) };
}
