import { Command } from 'commander';
import { getNumberRequest } from '../functions/requests/routes.ts';
import type { NumberRequestView } from '../functions/requests/view-schema.ts';
import { follow, isEnded, isSettled } from './follow.ts';
import { whole } from './options.ts';
import { requestText } from './request-text.ts';
import { Quit, type Session } from './session.ts';
import type { Open } from './sign-in.ts';
import { timelineLine } from './timeline.ts';

const EVERY_MS = 400;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPIN_MS = 100;
const ERASE = '\r\u001b[K';

export function watchCommand(open: Open): Command {
  const command = new Command('watch')
    .description('Follow a request until it ends, its timeline as it happens')
    .argument('<id>', 'req_…')
    .option('--until-person', 'stop as soon as a person has to act')
    .option('--once', 'show it as it is now')
    .option('--timeout <seconds>', 'stop waiting after so long', whole(1, 86_400));
  return command.action(async (id: string, options: { untilPerson?: boolean; once?: boolean; timeout?: number }) => {
    const session = open(command);
    const until = options.once ? () => true : options.untilPerson ? isSettled : isEnded;
    await watchRequest(session, id, until, options.timeout);
  });
}

/** Follows a request in the terminal and shows how it stands in the end. Quits with 1 when it ended without numbers. */
export async function watchRequest(
  session: Session,
  id: string,
  until: (request: NumberRequestView) => boolean,
  timeoutSeconds?: number,
): Promise<void> {
  const { client, terminal, json, show } = session;
  const spinner = json || !terminal.isLive ? undefined : spin(session);
  const signal = timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const request = await follow({
      read: async () => (await client.call(getNumberRequest, { params: { id } })).body,
      told(entry, now) {
        if (!json && entry.state !== 'current')
          spinner?.line(timelineLine(entry, terminal.paint)) ??
            terminal.out(`${timelineLine(entry, terminal.paint)}\n`);
        spinner?.doing(doing(now));
      },
      until,
      everyMs: EVERY_MS,
      ...(signal ? { signal } : {}),
    });
    spinner?.end();
    show(request, () => `\n${requestText(request, terminal.paint)}`);
    if (['failed', 'declined', 'expired', 'cancelled'].includes(request.state)) throw new Quit(1);
  } finally {
    spinner?.end();
  }
}

function doing(request: NumberRequestView): string {
  const who = request.waitingFor === 'nobody' ? '' : `, waiting for ${request.waitingFor.replace('_', ' ')}`;
  return isEnded(request) ? '' : `${request.state.replaceAll('_', ' ')}${who}`;
}

/** The last line of a live terminal says what is going on. */
function spin({ terminal }: Session) {
  const state = { text: '', turn: 0, over: false };
  const draw = () => {
    if (state.text === '') return;
    const sign = SPINNER[state.turn++ % SPINNER.length] ?? '';
    terminal.out(`${ERASE}${terminal.paint('cyan', `          ${sign} ${state.text}`)}`);
  };
  const timer = setInterval(draw, SPIN_MS);
  return {
    line: (text: string): true => {
      terminal.out(`${ERASE}${text}\n`);
      return true;
    },
    doing(text: string) {
      state.text = text;
    },
    end() {
      clearInterval(timer);
      if (!state.over) terminal.out(ERASE);
      state.over = true;
    },
  };
}
