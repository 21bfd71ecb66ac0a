import * as z from 'zod';
import type { Exchange } from '../client.ts';
import type { Refusal } from '../outcome.ts';
import type { PaperAnswer } from '../papers-port.ts';
import { Created } from './papers-wire.ts';
import type { Account } from './transport.ts';

/** Twilio's limits for a file: 5 MB, and these kinds. */
const MAX_BYTES = 5 * 1024 * 1024;
const KINDS = ['image/jpeg', 'image/png', 'application/pdf'];

export interface PaperFile {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** The files of the answers by requirement, read before anything is sent; or why Twilio would not take one. */
export async function readFiles(answers: readonly PaperAnswer[]): Promise<ReadonlyMap<string, PaperFile> | Refusal> {
  const files = new Map<string, PaperFile>();
  for (const answer of answers) {
    if (answer.kind !== 'document') continue;
    const bytes = await answer.open();
    const isTaken = bytes.byteLength > 0 && bytes.byteLength <= MAX_BYTES && KINDS.includes(answer.contentType);
    if (!isTaken) {
      const carrierText = `${answer.requirementId}: a JPEG, PNG or PDF of at most 5 MB is needed`;
      return { class: 'DocumentsRequired', code: 'document_rejected', carrierText };
    }
    files.set(answer.requirementId, { fileName: answer.fileName, contentType: answer.contentType, bytes });
  }
  return files;
}

/**
 * Makes a supporting document with its file and gives its SID. Goes around the SDK, which has no method for it: a multipart
 * POST to a host of its own, with the same fields and the file as part `File`.
 */
export async function uploadDocument(
  { hosts, authorization }: Account,
  exchange: Exchange,
  fields: { readonly friendlyName: string; readonly type: string; readonly attributes: object },
  file: PaperFile,
): Promise<string> {
  const form = new FormData();
  form.set('FriendlyName', fields.friendlyName);
  form.set('Type', fields.type);
  form.set('Attributes', JSON.stringify(fields.attributes));
  form.set('File', new Blob([Buffer.from(file.bytes)], { type: file.contentType }), file.fileName);
  const encoded = new Response(form);
  const answer = await exchange({
    method: 'POST',
    url: `${hosts.upload}/v2/RegulatoryCompliance/SupportingDocuments`,
    headers: { authorization, accept: 'application/json', 'content-type': encoded.headers.get('content-type') ?? '' },
    body: new Uint8Array(await encoded.arrayBuffer()),
  });
  if (answer.status >= 300) throw new TypeError(`the upload answered ${answer.status}`); // judged by the answer itself
  return z.parse(Created, JSON.parse(new TextDecoder().decode(answer.body))).sid;
}
