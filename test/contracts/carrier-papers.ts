import { describe, expect, it } from 'vitest';
import type {
  PaperAnswer,
  Papers,
  PapersRefs,
  PapersService,
  RequirementItem,
} from '../../functions/carriers/papers-port.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import {
  type CarrierSubject,
  call,
  orderFor,
  referenceOf,
  type StartedCarrier,
  settledProbe,
} from './carrier-start.ts';

const PDF = new TextEncoder().encode('%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n');

/** Papers: asked for, handed in, rejected, corrected, approved, and only then bought with. */
export function papersContract(subject: CarrierSubject, current: () => StartedCarrier): void {
  if (!subject.manifest.capabilities.some((row) => row.papers)) return;
  const market = subject.papersMarket ?? { country: 'DE', type: 'local' as const };
  const wish = { country: CountryCode.parse(market.country), type: market.type, subject: 'business' as const };
  const service = (): PapersService => {
    const { papers } = current().carrier;
    if (!papers) throw new Error('declared papers, has none');
    return papers;
  };
  const answersTo = async (): Promise<PaperAnswer[]> =>
    ((await service().requirements({ ...wish, action: 'ordering' }, call())) ?? []).map(answerTo);
  const papersOf = (answers: readonly PaperAnswer[], previous?: PapersRefs): Papers => ({
    ...{
      ...wish,
      reference: referenceOf(7).split('.')[0] ?? '',
      endUserName: 'Acme GmbH',
      email: 'papers@acme.example',
    },
    statusUrl: 'https://gateway.example/inbound/x/orders',
    answers,
    ...(previous ? { previous } : {}),
  });
  const handIn = async (papers: Papers): Promise<PapersRefs> => {
    const outcome = await service().submit(papers, call());
    if (outcome.kind === 'done') return outcome.value;
    if (outcome.kind === 'accepted') return { bundleId: outcome.refs.orderId ?? '' };
    throw new Error(`papers ${outcome.kind} ${JSON.stringify(outcome)}`);
  };
  const order = (refs?: PapersRefs) => {
    const [number] = current().world.numbers.search({ ...market, state: 'available', limit: 1 });
    if (!number) throw new Error('no stock');
    return {
      ...orderFor({ number: E164.parse(number.number), ...wish }, referenceOf(7)),
      ...(refs ? { papers: refs } : {}),
    };
  };
  const reviewed = async () => {
    current().clock.advance(10);
    await new Promise((resolve) => setTimeout(resolve, 40));
  };

  describe('papers', () => {
    it('S0-42: names what a country asks for', async () => {
      const items = await service().requirements({ ...wish, action: 'ordering' }, call());

      expect(items?.length).toBeGreaterThan(0);
      expect(new Set(items?.map((item) => item.requirementId)).size).toBe(items?.length);
    });

    it('S0-42: a number that needs papers is refused without them', async () => {
      const started = current();
      const wanted = order();
      const outcome = await started.carrier.purchase(wanted, call());
      const refusal = outcome.kind === 'refused' ? outcome.refusal : await settledProbe(started, wanted);

      expect(JSON.stringify(refusal)).toContain('DocumentsRequired');
    });

    it('R1: rejected, corrected, approved, bought', async () => {
      const started = current();
      await started.fault('papers_rejected', 'papers');
      const refs = await handIn(papersOf(await answersTo()));
      const waiting = await service().state(refs, call());
      await reviewed();
      const rejected = await service().state(refs, call());
      const corrected = await handIn(papersOf(await answersTo(), refs));
      await reviewed();
      const approved = await service().state(corrected, call());
      const wanted = order(corrected);
      const outcome = await started.carrier.purchase(wanted, call());

      expect(['in_review', 'draft']).toContain(waiting.state);
      expect(rejected.state).toBe('rejected');
      expect(rejected.rejections.length).toBeGreaterThan(0);
      expect(['approved', 'provisionally_approved']).toContain(approved.state);
      expect(['done', 'accepted']).toContain(outcome.kind);
      expect((await settledProbe(started, wanted)).kind).toBe('ours');
    });

    it('handing in twice under one reference makes one set', async () => {
      const started = current();
      const answers = await answersTo();
      const first = await handIn(papersOf(answers));
      const second = await handIn(papersOf(answers));

      expect(second.bundleId).toBe(first.bundleId);
      expect(started.world.papers.list().length).toBe(1);
    });

    it('R5: papers reviewed by hand stay in review until the verdict', async () => {
      const started = current();
      await started.control('POST', `${started.manifest.id}/papers`, { mode: 'manual' });
      const papers = papersOf(await answersTo());
      const refs = await handIn(papers);
      await reviewed();
      const waiting = await service().state(refs, call());
      await started.control('POST', `${started.manifest.id}/papers`, {
        reference: papers.reference,
        verdict: 'approved',
      });

      expect(waiting.state).not.toBe('approved');
      expect(['approved', 'provisionally_approved']).toContain((await service().state(refs, call())).state);
    });
  });
}

function answerTo(item: RequirementItem): PaperAnswer {
  const { requirementId } = item;
  if (item.kind === 'text') return { requirementId, kind: 'text', value: 'Acme GmbH' };
  if (item.kind === 'address') {
    const address = {
      lines: ['Unter den Linden 1'],
      city: 'Berlin',
      region: 'Berlin',
      postalCode: '10117',
      country: CountryCode.parse('DE'),
    };
    return { requirementId, kind: 'address', address };
  }
  return {
    requirementId,
    kind: 'document',
    fileName: 'proof.pdf',
    contentType: 'application/pdf',
    open: async () => PDF,
  };
}
