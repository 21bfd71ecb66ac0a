import type { ProblemBody } from '../functions/contract/client.ts';
import { PROBLEMS } from '../functions/contract/problem-catalogue.ts';
import { facts } from './table.ts';
import { type Paint, plainText } from './terminal.ts';

/** What to do about it at a command line, where that is not what a program would do. */
const HERE: Readonly<Record<string, string>> = {
  credential_missing: 'numbergate sign-in --as <e-mail>, or give --token.',
  invalid_token: 'numbergate sign-in --as <e-mail>, or give another --token.',
  token_expired: 'numbergate sign-in --as <e-mail>, or give another --token.',
  tenant_required: 'Add --tenant ten_… (numbergate inbox shows it), or sign in with it.',
  price_required: 'Add the price you have seen: --number +44…=1.15USD.',
};

/** A problem document as people read it: what, why, which field, what to do about it. Ends with a line break. */
export function problemText(problem: ProblemBody, paint: Paint): string {
  const known = PROBLEMS.get(problem.code);
  const head = `${paint('red', '✗')} ${paint('bold', plainText(problem.title))} ${paint('dim', `(${problem.code}, ${problem.status})`)}`;
  const fields = (problem.errors ?? []).map((error): [string, string] => [fieldName(error), fieldText(error)]);
  const carrier = carrierText(problem['carrier']);
  const lines = facts(
    [
      ['Why', plainText(problem.detail)],
      ...fields.map(([name, text]): [string, string] => [name, text]),
      ['Carrier', carrier],
      ['Remedy', HERE[problem.code] ?? known?.remedy.replaceAll('`', '')],
      ['Request-Id', problem.requestId],
    ],
    { paint, indent: 2 },
  );
  return `${head}\n${lines}`;
}

type FieldError = NonNullable<ProblemBody['errors']>[number];

/** `#/numbers/0/monthly` reads as numbers.0.monthly. */
function fieldName({ pointer, parameter }: FieldError): string {
  return plainText(parameter ?? pointer?.replace(/^#\/?/, '').replaceAll('/', '.') ?? 'Field');
}

function fieldText(error: FieldError): string {
  const detail: unknown = 'detail' in error ? error.detail : undefined;
  const code = error.code.replaceAll('_', ' ');
  return typeof detail === 'string' && detail !== '' ? `${plainText(detail)} (${code})` : code;
}

function carrierText(carrier: unknown): string | undefined {
  if (typeof carrier !== 'object' || carrier === null) return undefined;
  return plainText(
    Object.values(carrier)
      .filter((value) => typeof value === 'string' && value !== '')
      .join(' '),
  );
}
