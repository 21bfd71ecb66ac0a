import * as z from 'zod';
import type { Deployed } from './installation.ts';

const Messages = z.object({
  messages: z.record(
    z.string(),
    z.array(z.object({ To: z.array(z.string()), Subject: z.string(), BodyText: z.string() })),
  ),
});

/** Every mail the mail service took; the emulator keeps no headers of ours. */
export async function sentMails({ aws }: Pick<Deployed, 'aws'>) {
  const { messages } = Messages.parse(await (await fetch(`${aws}/_ministack/ses/messages`)).json());
  return Object.values(messages)
    .flat()
    .map(({ To, Subject, BodyText }) => ({ to: To, subject: Subject, text: BodyText }));
}
