import type * as z from 'zod';
import { uploadPaper } from '../../cli/papers.ts';
import { table } from '../../cli/table.ts';
import { handInRequirement, reviewDocuments } from '../../functions/requests/papers-routes.ts';
import type { Address } from '../../functions/requests/papers-schema.ts';
import type { NumberRequestView } from '../../functions/requests/view-schema.ts';
import type { Watched } from './request.ts';
import type { Say } from './stage.ts';
import type { Person, World } from './world.ts';

type Requirement = NumberRequestView['requirements'][number];
export interface Answers {
  readonly address: z.input<typeof Address>;
  /** What a text requirement is answered with; the company's name where it asks for one. */
  readonly company: string;
}

/** Pam hands in everything that is missing: texts, the address, and scans by signed link. */
export async function handIn(world: World, say: Say, pam: Person, watched: Watched, answers: Answers): Promise<void> {
  const request = await watched.now();
  const open = request.requirements.filter((one) => one.state === 'missing' || one.state === 'rejected');
  say.block(requirementTable(world, open));
  for (const one of open) {
    const params = { id: request.id, requirementId: one.requirementId };
    await pam.client.call(handInRequirement, { params, body: await answerTo(pam, request.id, one, answers) });
  }
  const after = await watched.now();
  const received = after.requirements.filter(({ state }) => state === 'received').length;
  say.holds('handed in and checked', received, open.length, `${received} of ${open.length}`);
  say.holds('the request waits for', `${after.state}, ${after.waitingFor}`, 'documents_review, customer_success');
}

function requirementTable(world: World, open: readonly Requirement[]): string {
  const columns = [{ title: 'needed' }, { title: 'as' }, { title: 'what' }];
  const rows = open.map((one) => [one.name, one.kind, one.remark ?? shortened(one.description)]);
  return table(columns, rows, { paint: world.terminal.paint });
}
const shortened = (text: string): string => (text.length > 70 ? `${text.slice(0, 69)}…` : text);

async function answerTo(pam: Person, numberRequestId: string, one: Requirement, { address, company }: Answers) {
  const { requirementId } = one;
  if (one.kind === 'address') return { address };
  if (one.kind === 'text') return { value: /name/i.test(one.name) ? company : 'Own calls of our office; not resold.' };
  const fileName = `${one.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.pdf`;
  const bytes = scanOf(`${company}: ${one.name}`);
  const kind = requirementId.slice(0, 60);
  const paper = { kind, fileName, contentType: 'application/pdf', bytes, numberRequestId, requirementId };
  return { documentId: await uploadPaper(pam.client, paper) };
}

/** A small but whole PDF, of the line a scan would show. */
function scanOf(line: string): Uint8Array<ArrayBuffer> {
  const drawn = `BT /F1 14 Tf 60 760 Td (${line.replace(/[()\\]/g, '')}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n';
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const tail = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return new TextEncoder().encode(text + tail);
}

/** Customer success looks at everything handed in and accepts it. */
export async function acceptPapers(person: Person, watched: Watched): Promise<void> {
  const { id, requirements } = await watched.now();
  const received = requirements.filter(({ state }) => state === 'received');
  const documents = received.map((one) => ({ id: one.documentId ?? one.requirementId, verdict: 'accepted' as const }));
  await person.client.call(reviewDocuments, { params: { id }, body: { documents } });
}
