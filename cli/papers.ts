import { createDocument, getDocument } from '../functions/compliance/routes.ts';
import type { Client } from '../functions/contract/client.ts';

export interface Paper {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it is, as `address_proof`. */
  readonly kind: string;
  readonly numberRequestId: string;
  readonly requirementId: string;
}
/** The file did not arrive, or is not what it claims to be. */
export class PaperRefused extends Error {
  override readonly name = 'PaperRefused';
}

const LOOKS = 40;
const BETWEEN_MS = 250;

/**
 * Announces a paper, sends its bytes to the signed link and waits for the check of its content. Throws PaperRefused with
 * the remark when the file is not what it claims to be, ApiProblem when it is refused at once.
 * @returns the document's id, to be handed in
 */
export async function uploadPaper(client: Client, paper: Paper): Promise<string> {
  const { bytes, ...about } = paper;
  const { body } = await client.call(createDocument, { body: { ...about, size: bytes.byteLength } });
  if (!body.upload) throw new PaperRefused('The gateway gave no link to send the file to.');
  const { url, method, headers } = body.upload;
  const sent = await fetch(url, { method, headers: { 'content-type': paper.contentType, ...headers }, body: bytes });
  if (!sent.ok) throw new PaperRefused(`${paper.fileName} was not taken: ${await sent.text()}`);
  for (let look = 0; look < LOOKS; look++) {
    const found = (await client.call(getDocument, { params: { id: body.id } })).body;
    if (found.state === 'received' || found.state === 'accepted') return found.id;
    if (found.state === 'rejected') throw new PaperRefused(`${paper.fileName}: ${found.remark ?? 'rejected'}`);
    await new Promise((wake) => setTimeout(wake, BETWEEN_MS));
  }
  throw new PaperRefused(`${paper.fileName} is still being checked; hand it in later as ${body.id}.`);
}

const TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
};
/** Content type by the file's name; undefined for kinds no carrier takes. */
export const contentTypeOf = (fileName: string): string | undefined =>
  TYPES[fileName.split('.').at(-1)?.toLowerCase() ?? ''];
