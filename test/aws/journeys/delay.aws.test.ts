import { beforeAll, describe, expect, it } from 'vitest';
import { file, show, until } from '../../blackbox/house.ts';
import { key } from '../../blackbox/speaker.ts';
import { type Deployed, openDeployed } from './installation.ts';

describe('an approval that can be undone', () => {
  const begun: { deployed?: Deployed } = {};
  const at = (): Deployed => {
    if (!begun.deployed) throw new Error('not opened');
    return begun.deployed;
  };
  const asked = async () => (await at().control('GET telnyx/requests')).json.data.length;
  beforeAll(async () => {
    begun.deployed = await openDeployed();
  });

  it('takes effect by the delayed queue: not before its seconds are over, and long before a sweep', async () => {
    const maxMonthly = { amount: '20.00', currency: 'USD' };
    const { json } = await file(at(), { country: 'CO', maxMonthly }, 'admin', 20);
    expect(json.state).toBe('approval_pending');
    const before = await asked();
    const ifMatch = (await show(at(), json.id, 'cs')).headers.get('etag') ?? '';
    const begin = performance.now();
    const body = { undoSeconds: 5 };
    const approved = await at().ask(`POST /v1/number-requests/${json.id}/approval`, {
      ...{ as: 'cs', key: key(), ifMatch, body },
    });
    expect(approved.status, approved.text).toBe(200);
    await new Promise((wake) => setTimeout(wake, 2000));
    expect(await asked(), 'no carrier yet').toBe(before);

    await until(at(), json.id, (request) => request.state === 'documents_pending');

    const took = performance.now() - begin;
    expect(took).toBeGreaterThan(4500);
    expect(took).toBeLessThan(30_000);
    expect(await asked()).toBeGreaterThan(before);
  });
});
