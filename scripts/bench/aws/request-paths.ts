import type * as z from 'zod';
import { createDocument } from '../../../functions/compliance/routes.ts';
import type { CountryClass } from '../../../functions/domain/country.ts';
import { acceptTerms, approveNumberRequest, offerTerms } from '../../../functions/requests/decision-routes.ts';
import { handInRequirement, reviewDocuments } from '../../../functions/requests/papers-routes.ts';
import { createNumberRequest, getNumberRequest } from '../../../functions/requests/routes.ts';
import type { NewRequest } from '../../../functions/requests/schema.ts';
import type { NumberRequestView } from '../../../functions/requests/view-schema.ts';
import type { RequestLab } from './request-lab.ts';

/** One request from the form to a number in use, with nothing going wrong; gives its id. Throws where it does not go so. */
export type Path = (lab: RequestLab) => Promise<string>;

const PDF = new TextEncoder().encode(`%PDF-1.7\n1 0 obj\n<<>>\nendobj\n${' '.repeat(2000)}\n%%EOF\n`);
const assignment = {
  ownership: 'private',
  target: { type: 'extension', id: 'ext_00000000000000000000000001' },
} as const;
const BOGOTA = { lines: ['Carrera 7 # 71-21'], city: 'Bogotá', postalCode: '110231', country: 'CO' };
const usd = (amount: string) => ({ amount, currency: 'USD' });

/** A wish in a standard country: nobody is asked. */
export const standard: Path = async (lab) => {
  await lab.stock('+441223550123', 'GB', 'local');
  const id = await file(lab, { country: 'GB', areaCode: '1223', assignment });
  await lab.toEnd(id);
  return id;
};

/** A special country whose kind of number needs no papers: terms are offered and accepted. */
export const special: Path = async (lab) => {
  await lab.stock('+436641234567', 'AT', 'mobile');
  const id = await file(lab, { country: 'AT', type: 'mobile', assignment });
  const validUntil = new Date(Date.now() + 14 * 86_400_000).toISOString();
  const terms = { monthly: usd('9.00'), setup: usd('5.00'), text: 'One year.', validUntil };
  const { body } = await lab.as('cs').call(offerTerms, { params: { id }, body: terms });
  await lab.idle();
  const accepted = { termsVersion: body.terms?.version ?? 0 };
  await lab.as('customer').call(acceptTerms, { params: { id }, body: accepted });
  await lab.toEnd(id);
  return id;
};

/** A restricted country: approved by one person, papers handed in, accepted by a person and by the carrier. */
export const restricted: Path = async (lab) => {
  await lab.stock('+576015501234', 'CO', 'local');
  const id = await file(lab, { country: 'CO', assignment });
  const { headers } = await lab.as('cs').call(getNumberRequest, { params: { id } });
  await lab.as('cs').call(approveNumberRequest, { params: { id }, ifMatch: headers.get('etag') ?? '', body: {} });
  await lab.idle();
  const wanted = (await lab.as('customer').call(getNumberRequest, { params: { id } })).body;
  for (const one of wanted.requirements)
    await lab.as('customer').call(handInRequirement, {
      params: { id, requirementId: one.requirementId },
      body: await answerTo(lab, id, one),
    });
  await lab.idle();
  const received = (await lab.as('cs').call(getNumberRequest, { params: { id } })).body.requirements;
  const documents = received.map((one) => ({ id: one.documentId ?? one.requirementId, verdict: 'accepted' as const }));
  await lab.as('cs').call(reviewDocuments, { params: { id }, body: { documents } });
  await lab.toEnd(id);
  return id;
};

async function file(lab: RequestLab, body: z.input<typeof NewRequest>): Promise<string> {
  const made = await lab.as('customer').call(createNumberRequest, { body });
  await lab.idle();
  return made.body.id;
}

async function answerTo(lab: RequestLab, numberRequestId: string, one: NumberRequestView['requirements'][number]) {
  const { requirementId } = one;
  if (one.kind === 'text') return { value: 'Acme Colombia S.A.S.' };
  if (one.kind === 'address') return { address: BOGOTA };
  const about = { kind: requirementId.slice(0, 60), fileName: 'paper.pdf', contentType: 'application/pdf' };
  const body = { ...about, numberRequestId, requirementId, size: PDF.byteLength };
  const announced = (await lab.as('customer').call(createDocument, { body })).body;
  if (!announced.upload) throw new Error('there is no link to send a paper to');
  const { url, method, headers } = announced.upload;
  await lab.upload(url, { method, headers, body: PDF });
  await lab.idle();
  return { documentId: announced.id };
}

/** A price is only worth counting if what it pays for happened. */
export async function checkEnd(lab: RequestLab, id: string, expected: CountryClass): Promise<void> {
  const { body } = await lab.as('customer').call(getNumberRequest, { params: { id } });
  const [number] = body.numbers;
  if (body.state !== 'completed' || body.class !== expected || number?.state !== 'active')
    throw new Error(
      `the ${expected} request is ${body.class}, ${body.state}: ${JSON.stringify(body.failure ?? number)}`,
    );
}
