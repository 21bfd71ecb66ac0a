import { describe, expect, it } from 'vitest';
import { checkArrived } from '../../functions/compliance/arrived-store.ts';
import { buyingLab } from '../requests/buying.ts';
import { papersActs } from '../requests/papers-lab.ts';

const lab = buyingLab();
const { paper, ask } = papersActs(lab);

/** A paper that was deleted, and whose link was used once more afterwards. */
async function uploadedAfterDeletion(): Promise<{ readonly id: string; readonly key: string }> {
  await lab.open();
  const id = await paper('a');
  const [[key, bytes] = ['', new Uint8Array()]] = [...lab.room.files];
  expect((await ask('customer', `DELETE /v1/documents/${id}`)).status).toBe(204);
  expect(lab.room.files.size).toBe(0);
  lab.room.files.set(key, bytes);
  return { id, key };
}

describe('a paper deleted while its link is good', () => {
  it('R7: its late upload is removed by the hour, where arrivals are not told', async () => {
    const { id } = await uploadedAfterDeletion();

    await lab.room.pass(3_700);

    expect([...lab.room.files.keys()]).toEqual([]);
    expect((await ask('customer', `GET /v1/documents/${id}`)).status).toBe(404);
  });
  it('R7: its late upload is removed at once where the arrival is told', async () => {
    const { key } = await uploadedAfterDeletion();

    await checkArrived(lab.room.deps, key);

    expect(lab.room.files.size).toBe(0);
  });
  it('R7: a file store that is out at the deletion is asked again; the deletion stands', async () => {
    await lab.open();
    const id = await paper('a');
    const { blobs } = lab.room.deps;
    const { remove } = blobs;
    blobs.remove = () => Promise.reject(new Error('out'));
    expect((await ask('customer', `DELETE /v1/documents/${id}`)).status).toBe(204);
    expect(lab.room.files.size).toBe(1);
    blobs.remove = remove;

    await lab.room.pass(3_700);

    expect(lab.room.files.size).toBe(0);
  });
  it('R3: the file of a paper that is there stays, whoever tells of it', async () => {
    await lab.open();
    const id = await paper('a');
    const [key = ''] = lab.room.files.keys();

    await checkArrived(lab.room.deps, key);
    await lab.room.pass(3_700);

    expect([...lab.room.files.keys()]).toEqual([key]);
    expect((await ask('customer', `GET /v1/documents/${id}`)).json.state).toBe('received');
  });
});
