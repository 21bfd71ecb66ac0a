import { describe, expect, it } from 'vitest';
import { checkDocument, requireDocument, seenDocument } from '../../functions/compliance/upload-store.ts';
import { DocumentId, UserId } from '../../functions/domain/ids.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import { linksOnly } from '../../functions/platform/links-only.ts';
import { buyingLab } from '../requests/buying.ts';
import { papersActs } from '../requests/papers-lab.ts';
import { ACME } from '../requests/room.ts';

const lab = buyingLab();
const { paper } = papersActs(lab);

/** A function whose role may sign links but not look at files, as the api function on AWS. */
const withoutSight = () => ({ ...lab.room.deps, blobs: linksOnly(lab.room.deps.blobs) });

describe('papers where files are out of sight', () => {
  it('R3: the record is given as it stands until somebody else has looked', async () => {
    await lab.open();
    const id = DocumentId.parse(await paper('a'));

    expect(await seenDocument(withoutSight(), ACME, id)).toMatchObject({ state: 'awaiting_upload' });
    await checkDocument(lab.room.deps, ACME, id);

    expect(await seenDocument(withoutSight(), ACME, id)).toMatchObject({ state: 'received' });
  });

  it('R3: handing in waits for the check that the arrival has woken', async () => {
    await lab.open();
    const id = DocumentId.parse(await paper('a'));
    const who = { id: UserId.parse('usr_01jzzzzzzzzzzzzzzzzzzzzzz0'), roles: ['tenant_admin'] as const };
    const { table } = lab.room.deps;
    let looks = 0;
    const get: typeof table.get = async (key, options) => {
      // The first look finds it unchecked; the check comes while it is waited for.
      if (key.sk === `DOC#${id}` && looks++ === 1) await checkDocument(lab.room.deps, ACME, id);
      return table.get(key, options);
    };
    const deps = { ...withoutSight(), table: { ...table, get } };

    const found = await requireDocument(deps, { scope: tenantScope(ACME), who }, id, '#/documentId');

    expect(found).toMatchObject({ id, state: 'received' });
    expect(looks).toBeGreaterThan(1);
  });
});
