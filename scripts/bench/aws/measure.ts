import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunction } from '../../build/function-bundle.ts';
import type { Finding } from '../shape.ts';
import { measureColdStart } from './cold-findings.ts';
import { measureRequests } from './requests.ts';
import { stackFacts } from './stack-facts.ts';
import { measureWarm } from './warm.ts';
import { measureWebhooks } from './webhooks.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The figures of the product on AWS: cold start (C1–C4), warm inbound (H1, H3), transitions and dollars (W1, W2). */
export async function measureAws(wanted: (...ids: readonly string[]) => boolean): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (wanted('C1', 'C2', 'C3', 'C4')) findings.push(...(await measureColdStart()));
  if (!wanted('H1', 'H3', 'W1', 'W2')) return findings;
  const folder = mkdtempSync(join(tmpdir(), 'numbergate-bundle-'));
  try {
    await bundleFunction(ROOT, 'inbound', folder);
    const bundle = join(folder, 'handler.mjs');
    if (wanted('H1', 'H3')) findings.push(...(await measureWarm(bundle, wanted)));
    if (!wanted('W1', 'W2')) return findings;
    const stack = stackFacts();
    if (wanted('W2')) findings.push(await measureWebhooks(bundle, stack));
    if (wanted('W1')) findings.push(await measureRequests(stack));
    return findings;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
