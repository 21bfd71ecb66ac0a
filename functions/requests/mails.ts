import type { Mail } from '../platform/mailer.ts';
import { type OutboxLine, outboxWrite } from '../platform/outbox.ts';
import type { Write } from '../platform/table.ts';
import type { NumberRequest } from './schema.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

type Audience = 'customer_success' | 'requester';
interface Notice {
  /** Part of the message key: the same event is one mail, however often it is written (I12). */
  readonly event: string;
  readonly audience: Audience;
  readonly subject: string;
  readonly lines: readonly string[];
}

/** As in "2 local numbers in GB". */
export const wantedNumbers = (request: NumberRequest): string =>
  `${request.quantity} ${request.type.replace('_', '-')} number${request.quantity > 1 ? 's' : ''} in ${request.country}`;

/** A mail of a few lines: plain text and the same as escaped HTML, never papers, at the end a link. */
export function textMail(parts: {
  readonly to: string;
  readonly subject: string;
  readonly lines: readonly string[];
  readonly link: string;
  readonly messageKey: string;
  readonly numberRequestId?: string | undefined;
}): Mail {
  const { to, subject, messageKey, numberRequestId } = parts;
  const lines = [...parts.lines, parts.link];
  return {
    to: [to],
    subject: subject.replace(/[\r\n]+/g, ' '),
    text: `${lines.join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><body>${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('')}</body></html>`,
    messageKey,
    ...(numberRequestId ? { numberRequestId } : {}),
  };
}

/** The mail of a notice. */
export function mailOf(request: NumberRequest, notice: Notice, csMail: string, publicUrl: string): Mail {
  const { id, requester } = request;
  const toRequester = notice.audience === 'requester';
  return textMail({
    to: toRequester ? requester.email : csMail,
    subject: notice.subject,
    lines: [toRequester ? `Hello ${requester.name},` : 'Hello,', ...notice.lines],
    link: `Request ${id}: ${publicUrl}/requests/${id}`,
    messageKey: `${id}.${notice.event}.${notice.audience}`,
    numberRequestId: id,
  });
}

/** The outbox line of a notice. */
export function noticeWrite(
  request: NumberRequest,
  notice: Notice,
  at: Date,
  settings: { readonly csMail: string; readonly publicUrl: string },
): Write {
  const line: OutboxLine = { kind: 'mail', mail: mailOf(request, notice, settings.csMail, settings.publicUrl) };
  return outboxWrite(line, at);
}

/** The two mails of a new request (S0-44): what was asked for, and what happens next. */
export function openedNotices(request: NumberRequest): readonly Notice[] {
  const next: Readonly<Record<NumberRequest['class'], string>> = {
    standard: 'It is worked on now; you hear from us when the numbers are ready or something is needed.',
    special: 'Numbers in this country are sold under special terms. Customer success will send you an offer.',
    restricted:
      'Numbers in this country need an approval before we may ask any carrier. Customer success looks at it first.',
    unsupported: 'This country is not in our list. Customer success will look for an offer and come back to you.',
  };
  const purpose = `Purpose: ${request.purpose.replaceAll('_', ' ')}${request.purposeNote ? ` (${request.purposeNote})` : ''}.`;
  return [
    {
      event: 'opened',
      audience: 'customer_success',
      subject: `New number request: ${wantedNumbers(request)} (${request.class})`,
      lines: [
        `${request.requester.name} (${request.requester.email}) asks for ${wantedNumbers(request)}. Class: ${request.class}.`,
        purpose,
      ],
    },
    {
      event: 'opened',
      audience: 'requester',
      subject: `Your request for ${wantedNumbers(request)}`,
      lines: [`We have your request for ${wantedNumbers(request)}.`, next[request.class]],
    },
  ];
}

/** What has to be told when a request went from one state to another; none when nothing concerns anybody. */
export function noticesOfChange(before: NumberRequest, after: NumberRequest): readonly Notice[] {
  const changed = before.state !== after.state || before.waitingFor !== after.waitingFor;
  const toRequester = (event: string, subject: string, ...lines: string[]): Notice[] => [
    { event, audience: 'requester', subject, lines },
  ];
  const terms = after.terms;
  const asked = after.state === 'terms_pending' && after.waitingFor === 'customer';
  if (asked && terms?.state === 'offered' && (changed || terms.version !== before.terms?.version))
    return toRequester(
      `terms_offered_${terms.version}`,
      `Terms for ${wantedNumbers(after)}`,
      `${terms.monthly.amount} ${terms.monthly.currency} a month. ${terms.text}`,
      `Valid until ${terms.validUntil}. Accept or refuse them in the request.`,
    );
  const held = (before.hold === undefined) !== (after.hold === undefined) && before.state === after.state;
  const added = after.state === 'documents_pending' && before.papers?.revision !== after.papers?.revision;
  if (held || !(changed || added)) return [];
  const revision = after.papers?.revision ?? 0;
  switch (after.state) {
    case 'info_requested':
      return toRequester(
        `info_requested_${after.version}`,
        'A question about your number request',
        after.question?.text ?? '',
      );
    case 'documents_pending':
      return toRequester(
        `documents_required_${revision}`,
        'Papers are needed for your number request',
        paperLine(after),
      );
    case 'documents_review':
      return after.waitingFor === 'customer_success'
        ? [
            {
              event: `documents_review_${revision}`,
              audience: 'customer_success',
              subject: 'Papers to look at',
              lines: ['Papers of a number request wait for your review.'],
            },
          ]
        : [];
    default:
      return closing(after, toRequester);
  }
}

function paperLine(request: NumberRequest): string {
  const open = request.requirements.filter((one) => one.state === 'missing' || one.state === 'rejected');
  return `Still needed: ${open.map((one) => (one.remark ? `${one.name} (${one.remark})` : one.name)).join(', ')}.`;
}

function closing(
  after: NumberRequest,
  tell: (event: string, subject: string, ...lines: string[]) => Notice[],
): Notice[] {
  const words: Partial<Record<NumberRequest['state'], string>> = {
    completed: 'Your numbers are ready.',
    partially_completed: 'Some of your numbers are ready; the rest could not be had.',
    completed_with_issue: 'Your numbers are ready, but something needs a look; the ticket says what.',
    declined: 'Your request was declined.',
    expired: 'Your request has expired, since nothing came for a long time.',
    cancelled: 'Your request is cancelled.',
    failed: 'Your request could not be fulfilled.',
  };
  const word = words[after.state];
  const why = after.failure?.detail ?? after.decision?.comment;
  return word ? tell('closed', word.slice(0, -1), word, ...(why ? [why] : [])) : [];
}
