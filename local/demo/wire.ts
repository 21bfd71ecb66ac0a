import { plainText, type Terminal } from '../../cli/terminal.ts';
import type { Observe } from '../../functions/carriers/client.ts';

const MOST = 1200;

/** Shows every exchange with a carrier as it went over the line; its secrets are blanked before it comes here. */
export function wireOn({ out, paint }: Terminal): Observe {
  return ({ carrier, request, answer, failure, durationMs }) => {
    const { pathname, search } = new URL(request.url);
    const path = `${pathname.replace(`/${carrier}/`, '/')}${search}`.replaceAll('%5B', '[').replaceAll('%5D', ']');
    const lines = [
      `${paint('cyan', carrier.padEnd(7))} → ${request.method} ${plainText(path)}${body(request.body)}`,
      answer
        ? `        ← ${answer.status} in ${Math.round(durationMs)} ms${body(answer.body)}`
        : `        ← ${paint('red', failure ?? 'no answer')} after ${Math.round(durationMs)} ms`,
    ];
    out(lines.map((line) => `    ${paint('dim', '│')} ${paint('dim', line)}\n`).join(''));
  };
}

function body(given: string | Uint8Array | undefined): string {
  const text = given === undefined || typeof given === 'string' ? (given ?? '') : new TextDecoder().decode(given);
  const line = plainText(text)
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  if (line === '') return '';
  return line.length > MOST ? `  ${line.slice(0, MOST)}… (${line.length} characters)` : `  ${line}`;
}
