import * as z from 'zod';
import type { Exchange } from '../client.ts';
import type { Call } from '../outcome.ts';
import type { Papers, PapersRefs, PapersService, PapersState } from '../papers-port.ts';
import type { Connection } from './connection.ts';
import { handIn } from './hand-in.ts';
import { Bundle, Evaluation, Item, SupportingDocument, shortcomings, toRejection, toState } from './papers-wire.ts';
import { REGULATED_TYPES, Regulation, toRequirements } from './regulation.ts';
import type { TwilioResources } from './sdk.ts';
import { readFiles } from './upload.ts';
import { toFriendlyName } from './wire.ts';

/** Regulatory compliance: regulations, and bundles of an end user with supporting documents (numbers v2). */
export function papersService(connection: Connection): PapersService {
  const { client, sdk, clock } = connection;
  return {
    async requirements({ country, type, subject, action }, call) {
      if (action === 'porting') return undefined; // regulations speak of ordering only
      const regulation = await client.sdkRead(call, 'requirements', async (exchange) =>
        findRegulation(await sdk(exchange), { country, type, subject }),
      );
      return regulation === undefined ? [] : toRequirements(regulation);
    },

    submit: (papers, call) => submit(connection, papers, call),

    async state({ bundleId }, call): Promise<PapersState> {
      if (bundleId === undefined) return { state: 'draft', rejections: [] };
      const read = <T>(ask: (resources: TwilioResources) => Promise<T>) =>
        client.sdkRead(call, 'papers', async (exchange: Exchange) => ask(await sdk(exchange)));
      const bundle = await read(async ({ bundles }) => Bundle.parse(await bundles(bundleId).fetch()));
      const rejections = bundle.status === 'twilio-rejected' ? await findRejections(bundle, read) : [];
      return toState(bundle, rejections, clock.now());
    },
  };
}

type Read = <T>(ask: (resources: TwilioResources) => Promise<T>) => Promise<T>;

/** Why a bundle was rejected: per document, or else what the last evaluation says. */
async function findRejections(bundle: Bundle, read: Read): Promise<PapersState['rejections']> {
  const items = await read(async ({ bundles }) =>
    z.array(Item).parse((await bundles(bundle.sid).itemAssignments.page()).instances),
  );
  const documents: SupportingDocument[] = [];
  for (const { objectSid } of items.filter((item) => item.objectSid.startsWith('RD'))) {
    documents.push(await read(async (all) => SupportingDocument.parse(await all.documents(objectSid).fetch())));
  }
  const name = bundle.friendlyName ?? '';
  const found = documents.map((document) => toRejection(document, name)).filter((rejection) => rejection !== undefined);
  if (found.length > 0) return found;
  const evaluations = await read(async ({ bundles }) =>
    z.array(Evaluation).parse((await bundles(bundle.sid).evaluations.page()).instances),
  );
  const last = evaluations.at(0);
  const open = last === undefined ? [] : shortcomings(last);
  return open.length > 0 ? open : [{ remark: 'the papers were rejected without a reason' }];
}

/** The regulation for a wish; undefined when nothing is asked for. */
async function findRegulation(
  { regulations }: TwilioResources,
  { country, type, subject }: Pick<Papers, 'country' | 'type' | 'subject'>,
): Promise<Regulation | undefined> {
  const page = await regulations.page({
    isoCountry: country,
    numberType: REGULATED_TYPES[type],
    endUserType: subject,
    includeConstraints: true,
  });
  return z.array(Regulation).parse(page.instances).at(0);
}

/**
 * Hands the papers in as one bundle, found again by its name, so that a repeat makes no second one. `done` means handed in
 * (or already approved); the review's end comes by callback and by `state`. An incomplete set is refused before the review.
 */
async function submit({ account, client, sdk }: Connection, papers: Papers, call: Call) {
  const files = await readFiles(papers.answers);
  if (!('get' in files)) return { kind: 'refused', refusal: files } as const;
  const end = await client.sdkWrite(call, 'papers', async (exchange) => {
    const resources = await sdk(exchange);
    const regulation = await findRegulation(resources, papers);
    if (regulation === undefined) return { refs: {} satisfies PapersRefs, open: [] };
    const name = toFriendlyName(papers.reference);
    return await handIn({ account, exchange, resources, regulation, papers, files, name });
  });
  if (end.kind !== 'answered') return end;
  if (end.value.open.length === 0) return { kind: 'done', value: end.value.refs, refs: {} } as const;
  const carrierText = end.value.open.map(({ requirementId, remark }) => `${requirementId ?? 'papers'}: ${remark}`);
  const refusal = {
    class: 'DocumentsRequired',
    code: 'documents_required',
    carrierText: carrierText.join('\n'),
  } as const;
  return { kind: 'refused', refusal } as const;
}
