import type { NumberRequestView } from '../functions/requests/view-schema.ts';
import { wordOf } from './requirement.ts';
import { facts, table } from './table.ts';
import { type Paint, plainText, type Style } from './terminal.ts';

/** A request as people read it: where it stands, its numbers, what is missing, what comes next. */
export function requestText(request: NumberRequestView, paint: Paint): string {
  const parts = [
    headText(request, paint),
    numbersText(request, paint),
    papersText(request, paint),
    nextText(request, paint),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const price = (money: { amount: string; currency: string } | undefined): string =>
  money ? `${money.amount} ${money.currency}` : '';

function headText(request: NumberRequestView, paint: Paint): string {
  const { terms, decision, question } = request;
  const waits = request.waitingFor === 'nobody' ? undefined : request.waitingFor.replace('_', ' ');
  return facts(
    [
      ['Request', request.id],
      ['State', paint(styleOf(request), request.state.replaceAll('_', ' '))],
      [
        'Waits for',
        waits && `${waits}${request.dueAt ? `, due ${request.dueAt.slice(0, 16).replace('T', ' ')} UTC` : ''}`,
      ],
      ['Wanted', `${request.quantity} ${request.type.replace('_', '-')} in ${request.country} (${request.class})`],
      ['Approvals', request.approvalsMissing ? `${request.approvalsMissing} more needed` : undefined],
      [
        'Decision',
        decision && plainText([decision.verdict, decision.byName, decision.comment].filter(Boolean).join(', ')),
      ],
      [
        'Terms',
        terms &&
          `version ${terms.version}, ${terms.state}: ${price(terms.monthly)} a month, set-up ${price(terms.setup) || 'none'}`,
      ],
      ['', terms && plainText(terms.text)],
      ['Question', question && !question.answer ? plainText(question.text) : undefined],
      ['Failure', request.failure && `${plainText(request.failure.detail)} (${request.failure.code})`],
    ],
    { paint },
  );
}

function styleOf({ state, waitingFor }: NumberRequestView): Style {
  if (state === 'completed') return 'green';
  if (['failed', 'declined', 'expired', 'cancelled'].includes(state)) return 'red';
  return waitingFor === 'nobody' ? 'cyan' : 'yellow';
}

function numbersText({ numbers }: NumberRequestView, paint: Paint): string {
  if (numbers.length === 0) return '';
  const columns = [
    { title: 'number' },
    { title: 'state' },
    { title: 'carrier' },
    { title: 'a month', align: 'right' },
  ] as const;
  const rows = numbers.map((one) => [
    paint('bold', plainText(one.number)),
    `${one.state.replaceAll('_', ' ')}${one.failure ? `: ${plainText(one.failure.detail)}` : ''}`,
    one.carrier ?? '',
    price(one.monthly),
  ]);
  return table(columns, rows, { paint });
}

function papersText({ requirements }: NumberRequestView, paint: Paint): string {
  if (requirements.length === 0) return '';
  const columns = ['requirement', 'as', 'state', 'what'].map((title) => ({ title }));
  const rows = requirements.map((one) => [
    wordOf(one),
    one.kind,
    paint(one.state === 'missing' || one.state === 'rejected' ? 'yellow' : 'green', one.state),
    shortened(plainText(one.remark ?? one.description)),
  ]);
  return table(columns, rows, { paint });
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

/** The command that moves the request on, for whoever's turn it is. */
function nextText({ id, state, waitingFor, terms, requirements }: NumberRequestView, paint: Paint): string {
  const open = requirements.find((one) => one.state === 'missing' || one.state === 'rejected');
  const how = { document: '--file <path>', text: '--value <text>', address: '--line <street> --city <city> …' };
  const lines: { readonly [State in NumberRequestView['state']]?: string | undefined } = {
    approval_pending: `numbergate approve ${id}`,
    quote_pending: `numbergate terms ${id} --monthly <amount> --text <conditions>`,
    terms_pending:
      waitingFor === 'customer'
        ? `numbergate accept ${id} --terms-version ${terms?.version ?? 1}`
        : `numbergate terms ${id} --monthly <amount> --text <conditions>`,
    documents_pending: open && `numbergate upload ${id} ${wordOf(open)} ${how[open.kind]}`,
    documents_review: requirements.some(({ state: one }) => one === 'received')
      ? `numbergate review ${id} --accept-all`
      : undefined,
  };
  const line = lines[state];
  return line ? `${paint('dim', 'Next')}  ${line}\n` : '';
}
