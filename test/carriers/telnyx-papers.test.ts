import { describe, expect, it } from 'vitest';
import type { PaperAnswer, Papers, PapersRefs } from '../../functions/carriers/papers-port.ts';
import { AnswerLost } from '../../functions/platform/http.ts';
import { call } from '../contracts/carrier-start.ts';
import { DE, GB, telnyxLab } from './telnyx-lab.ts';

const lab = telnyxLab();

describe('telnyx papers', () => {
  const pdf = (text: string) => async () => new TextEncoder().encode(`%PDF-1.4 ${text}`);
  const address = { lines: ['Unter den Linden 1', '2. OG'], city: 'Berlin', postalCode: '10117', country: DE };
  const service = () => {
    const { papers: found } = lab.carrier();
    if (!found) throw new Error('no papers');
    return found;
  };
  async function papers(content = 'proof', previous?: PapersRefs): Promise<Papers> {
    const items = await service().requirements(
      { country: DE, type: 'local', subject: 'business', action: 'ordering' },
      call(),
    );
    const answers = (items ?? []).map(({ requirementId, kind }): PaperAnswer => {
      if (kind === 'text') return { requirementId, kind, value: 'Acme GmbH' };
      if (kind === 'address') return { requirementId, kind, address };
      return { requirementId, kind, fileName: 'proof.pdf', contentType: 'application/pdf', open: pdf(content) };
    });
    const who = {
      subject: 'business',
      endUserName: 'Acme GmbH',
      email: 'a@acme.example',
      statusUrl: 'https://g.example',
    } as const;
    return { reference: 'req_01k', country: DE, type: 'local', ...who, answers, ...(previous && { previous }) };
  }
  async function handIn(given: Papers): Promise<PapersRefs> {
    const end = await service().submit(given, call());
    if (end.kind !== 'done') throw new Error(JSON.stringify(end));
    return end.value;
  }

  it('reads what is asked for, with evidence, age and place', async () => {
    const wish = { country: DE, type: 'local', subject: 'business', action: 'ordering' } as const;

    expect(await service().requirements(wish, call())).toMatchObject([
      { kind: 'text', name: 'End User Name', required: true },
      { kind: 'address', addressScope: 'city' },
      {
        kind: 'document',
        name: 'Proof of Address',
        acceptedEvidence: ['Utility bill', 'internet bill', 'phone bill', 'lease'],
        maxAgeMonths: 3,
        addressScope: 'city',
      },
    ]);
    expect(await service().requirements({ ...wish, country: GB }, call())).toEqual([]);
  });

  it('hands in base64, an address and a text in one group; again makes nothing anew', async () => {
    const first = await handIn(await papers());
    const written = lab.writes().length;
    const second = await handIn(await papers());
    const [document] = lab.sent('POST', '/v2/documents');
    const [group] = lab.sent('POST', '/v2/requirement_groups');

    expect(document?.request).toMatchObject({
      file: Buffer.from('%PDF-1.4 proof').toString('base64'),
      filename: 'proof.pdf',
    });
    expect(lab.sent('POST', '/v2/addresses')[0]?.request).toMatchObject({
      business_name: 'Acme GmbH',
      street_address: 'Unter den Linden 1',
      extended_address: '2. OG',
      country_code: 'DE',
    });
    expect(group?.request).toMatchObject({
      country_code: 'DE',
      phone_number_type: 'local',
      action: 'ordering',
      customer_reference: 'req_01k',
    });
    expect(second).toEqual(first);
    expect(lab.writes()).toHaveLength(written);
  });

  it('R1: the reviewers’ remark is told, a corrected document replaces the old one in the same group', async () => {
    const refs = await handIn(await papers());
    await lab.started().control('POST', 'telnyx/papers', {
      reference: 'req_01k',
      verdict: 'rejected',
      reason: 'Not readable',
    });
    const state = await service().state(refs, call());
    const corrected = await handIn(await papers('better', refs));
    const after = await service().state(corrected, call());
    await lab.passed(2);

    expect(state.state).toBe('rejected');
    expect(state.rejections).toHaveLength(3);
    expect(state.rejections[0]).toMatchObject({ remark: 'Not readable', requirementId: expect.any(String) });
    expect(corrected.bundleId).toBe(refs.bundleId);
    expect(corrected.documentIds).not.toEqual(refs.documentIds);
    expect(after).toEqual({ state: 'in_review', rejections: [] });
    expect(await service().state(corrected, call())).toEqual({ state: 'approved', rejections: [] });
  });

  it('R7: a lost answer while handing in is unknown, and repeating ends the matter with one set', async () => {
    const given = await papers();
    const lost = new Set<string>();
    lab.started().spoil((answer, { method, url }) => {
      if (method === 'GET' || lost.has(url)) return answer;
      lost.add(url);
      throw new AnswerLost('connection_lost');
    });
    const ends: string[] = [];
    while (ends.at(-1) !== 'done' && ends.length < 9) ends.push((await service().submit(given, call())).kind);

    expect(ends).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'done']);
    expect(lab.started().world.papers.list()).toHaveLength(1);
    expect(lab.started().world.records.list('documents')).toHaveLength(1);
    expect(lab.started().world.records.list('addresses')).toHaveLength(1);
  });

  it('an address the carrier does not take is the customer’s to correct', async () => {
    const given = await papers();
    const answers = given.answers.map((answer) =>
      answer.kind === 'address' ? { ...answer, address: { ...address, city: '' } } : answer,
    );

    expect(await service().submit({ ...given, answers }, call())).toMatchObject({
      kind: 'refused',
      refusal: { class: 'DocumentsRequired', code: 'address_invalid', carrierCode: '10027' },
    });
  });
});
