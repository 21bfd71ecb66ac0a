import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { handInRequirement } from '../functions/requests/papers-routes.ts';
import { getNumberRequest } from '../functions/requests/routes.ts';
import type { NumberRequestView } from '../functions/requests/view-schema.ts';
import { country, given } from './options.ts';
import { contentTypeOf, uploadPaper } from './papers.ts';
import { requestText } from './request-text.ts';
import { findRequirement } from './requirement.ts';
import { type Session, WrongUsage } from './session.ts';
import type { Open } from './sign-in.ts';

interface UploadOptions {
  readonly file?: string;
  readonly value?: string;
  readonly line?: string[];
  readonly city?: string;
  readonly region?: string;
  readonly postalCode?: string;
  readonly country?: string;
}

export function uploadCommand(open: Open): Command {
  const command = new Command('upload')
    .description('Hand in a paper, a text or an address; without a requirement, see what is missing')
    .argument('<id>', 'req_…')
    .argument('[requirement]', 'as `numbergate upload <id>` lists them')
    .option('--file <path>', 'a PDF, JPEG or PNG')
    .option('--value <text>', 'for a text')
    .option('--line <text...>', 'lines of an address')
    .option('--city <city>')
    .option('--region <region>')
    .option('--postal-code <code>')
    .option('--country <code>', 'of the address; else of the number', country);
  return command.action(async (id: string, wanted: string | undefined, options: UploadOptions) => {
    const session = open(command);
    const { client, show, terminal } = session;
    const request = (await client.call(getNumberRequest, { params: { id } })).body;
    if (wanted === undefined) return show(request, () => requestText(request, terminal.paint));
    const { requirementId } = findRequirement(request, wanted);
    const answer = await answerOf(session, request, requirementId, options);
    const { body } = await client.call(handInRequirement, { params: { id, requirementId }, body: answer });
    show(body, () => requestText(body, terminal.paint));
  });
}

async function answerOf(
  { client, json, terminal }: Session,
  request: NumberRequestView,
  requirementId: string,
  options: UploadOptions,
) {
  const { file, value, line, city, postalCode, region } = options;
  if (value !== undefined) return { value };
  if (line && city && postalCode) {
    return {
      address: { lines: line, city, postalCode, country: options.country ?? request.country, ...given({ region }) },
    };
  }
  if (file === undefined) throw new WrongUsage('Give --file, --value, or --line with --city and --postal-code.');
  const fileName = basename(file);
  const contentType = contentTypeOf(fileName);
  if (contentType === undefined) throw new WrongUsage('Papers are *.pdf, *.jpg or *.png.');
  const bytes = await readFile(file).catch(() => {
    throw new WrongUsage(`${file} cannot be read.`);
  });
  const kind = requirementId.slice(0, 60);
  const paper = {
    fileName,
    contentType,
    bytes: new Uint8Array(bytes),
    kind,
    numberRequestId: request.id,
    requirementId,
  };
  const documentId = await uploadPaper(client, paper);
  if (!json)
    terminal.out(`${terminal.paint('green', '✓')} ${fileName} uploaded and checked (${bytes.byteLength} bytes)\n\n`);
  return { documentId };
}
