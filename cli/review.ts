import { Command, Option } from 'commander';
import { reviewDocuments } from '../functions/requests/papers-routes.ts';
import { getNumberRequest } from '../functions/requests/routes.ts';
import { given } from './options.ts';
import { requestText } from './request-text.ts';
import { findRequirement } from './requirement.ts';
import { WrongUsage } from './session.ts';
import type { Open } from './sign-in.ts';

const REASONS = ['unreadable', 'expired', 'wrong_person', 'wrong_type', 'incomplete', 'other'] as const;
interface ReviewOptions {
  readonly acceptAll?: boolean;
  readonly accept?: readonly string[];
  readonly reject?: readonly string[];
  readonly reason?: (typeof REASONS)[number];
  readonly remark?: string;
}

export function reviewCommand(open: Open): Command {
  const command = new Command('review')
    .description('Accept or reject papers (customer success)')
    .argument('<id>', 'req_…');
  return command
    .option('--accept-all', 'everything that was handed in and is not rejected here')
    .option('--accept <requirement...>', 'requirements or documents to accept')
    .option('--reject <requirement...>', 'requirements or documents to reject')
    .addOption(new Option('--reason <reason>', 'why rejected').choices(REASONS))
    .option('--remark <text>', 'what the customer should do')
    .action(async (id: string, options: ReviewOptions) => {
      const { client, show, terminal } = open(command);
      const params = { id };
      const request = (await client.call(getNumberRequest, { params })).body;
      const idOf = (text: string) => findRequirement(request, text).requirementId;
      const refused = (options.reject ?? []).map(idOf);
      const rejected = refused.map((one) => ({
        id: one,
        verdict: 'rejected' as const,
        ...given({ reason: options.reason, remark: options.remark }),
      }));
      const handedIn = request.requirements.filter(({ state }) => state === 'received').map((one) => one.requirementId);
      const accepted = [...new Set([...(options.accept ?? []).map(idOf), ...(options.acceptAll ? handedIn : [])])]
        .filter((one) => !refused.includes(one))
        .map((one) => ({ id: one, verdict: 'accepted' as const }));
      const documents = [...rejected, ...accepted];
      if (documents.length === 0) throw new WrongUsage('Nothing to decide: give --accept-all, --accept or --reject.');
      const { body } = await client.call(reviewDocuments, { params, body: { documents } });
      show(body, () => requestText(body, terminal.paint));
    });
}
