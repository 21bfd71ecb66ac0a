import { describe, expect, it } from 'vitest';
import { documentText } from '../../cli/document.ts';
import { problemText } from '../../cli/problem.ts';
import { facts, table } from '../../cli/table.ts';
import { painter, plainText, terminalOf, wantsColours } from '../../cli/terminal.ts';
import { newsOf, timelineLine } from '../../cli/timeline.ts';
import { cachePath } from '../../cli/token-cache.ts';

const plain = { paint: painter(false) };
const ESC = '\u001b';

describe('colours', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ])('with %j on a terminal (%s): %s', (env, isTty, colours) => {
    expect(wantsColours(env, isTty)).toBe(colours);
  });

  it('a pipe gets no colours and no line that is written over', () => {
    const terminal = terminalOf({ stdout: { write: () => true }, stderr: { write: () => true }, env: {} });

    expect([terminal.paint('red', 'x'), terminal.isLive]).toEqual(['x', false]);
    expect(painter(true)('red', 'x')).toBe(`${ESC}[31mx${ESC}[39m`);
  });
});

describe('foreign text', () => {
  it('cannot command the terminal, nor turn the direction of what is read', () => {
    expect(plainText(`a${ESC}[2J${ESC}]0;title\u0007b\rc\u202ed\u0000\ne\tf`)).toBe('ab\u0063d\ne\tf');
  });
});

describe('tables', () => {
  it('align what is seen, whatever is painted', () => {
    const bold = painter(true)('bold', '+44');
    const text = table(
      [{ title: 'number' }, { title: 'price', align: 'right' }, { title: 'place' }],
      [
        [bold, '1.15', 'Bogotá'],
        ['+441223', '10.00', ''],
      ],
      plain,
    );

    expect(text.replaceAll(bold, '+44')).toBe('number   price  place\n+44       1.15  Bogotá\n+441223  10.00\n');
  });

  it('facts leave out what is not there', () => {
    expect(
      facts(
        [
          ['State', 'completed'],
          ['Terms', undefined],
          ['Due', ''],
        ],
        plain,
      ),
    ).toBe('State  completed\n');
  });
});

describe('a call document', () => {
  const xml = `<?xml version="1.0"?><Response><Dial timeout="25" action="http://127.0.0.1:3000/inbound/telnyx/voice?s=441223048337.telnyx.1.1.abc&amp;x=1" method="POST"><Sip>sip:1001@x</Sip></Dial><Say>a &lt; b</Say><Hangup/></Response>`;

  it('is laid out without losing a character but blanks', () => {
    const laid = documentText({ contentType: 'application/xml; charset=utf-8', body: xml });

    expect(laid.replace(/\s/g, '')).toBe(xml.replace(/\s/g, ''));
    expect(laid.split('\n').every((line) => line.length <= 110)).toBe(true);
    expect(laid).toContain('\n    <Sip>sip:1001@x</Sip>\n  </Dial>\n  <Say>a &lt; b</Say>\n');
  });

  it('JSON is laid out too, and what is neither stays', () => {
    expect(documentText({ contentType: 'application/json', body: '[{"action":"talk"}]' })).toBe(
      '[\n  {\n    "action": "talk"\n  }\n]',
    );
    expect(documentText({ contentType: 'application/json', body: '{"cut' })).toBe('{"cut');
    expect(documentText({ contentType: 'text/plain', body: 'busy' })).toBe('busy');
  });
});

describe('the timeline', () => {
  const at = '2026-11-21T10:00:00.000Z';
  const actor = { kind: 'person', name: 'Pam' } as const;
  const waiting = { step: 'terms', state: 'waiting', at, actor } as const;
  const done = { ...waiting, state: 'done', durationMs: 1234 } as const;

  it('tells what is new and what moved on, once', () => {
    expect(newsOf([], [waiting])).toEqual([waiting]);
    expect(newsOf([waiting], [waiting])).toEqual([]);
    expect(newsOf([waiting], [done])).toEqual([done]);
  });

  it('names who acted, never whom it waits for', () => {
    expect(timelineLine(done, plain.paint)).toBe('10:00:00  ✓ terms          Pam, 1.2 s');
    expect(timelineLine(waiting, plain.paint)).toBe('10:00:00  … terms');
  });
});

describe('a problem document', () => {
  it('says what, why, which field and what to do', () => {
    const problem = {
      ...{ type: 'x', title: 'The reviewed price is missing', status: 422, code: 'price_required', detail: 'Give it.' },
      errors: [{ pointer: '#/numbers/0/monthly', code: 'price_required', detail: 'Needed.' }],
      requestId: '01k',
    };

    expect(problemText(problem, plain.paint)).toBe(
      [
        '✗ The reviewed price is missing (price_required, 422)',
        '  Why                Give it.',
        '  numbers.0.monthly  Needed. (price required)',
        '  Remedy             Add the price you have seen: --number +44…=1.15USD.',
        '  Request-Id         01k\n',
      ].join('\n'),
    );
  });

  it('of a carrier and of an unknown code is shown as far as it goes', () => {
    const carrier = { name: 'telnyx', code: '10015', message: `bad${ESC}[31m thing`, retryable: false };
    const text = problemText(
      { type: 'x', title: 'No', status: 409, code: 'new_code', detail: 'Why not.', carrier },
      plain.paint,
    );

    expect(text).toContain('Carrier  telnyx 10015 bad thing');
    expect(text).not.toContain('Remedy');
  });
});

describe('the token file', () => {
  it.each([
    [{ DATA_DIR: './data' }, 'linux', 'data/cli.json'],
    [{ HOME: '/h' }, 'linux', '/h/.config/numbergate/cli.json'],
    [{ HOME: '/h', XDG_CONFIG_HOME: '/x' }, 'linux', '/x/numbergate/cli.json'],
    [{ HOME: '/h' }, 'darwin', '/h/Library/Application Support/numbergate/cli.json'],
    [{ HOME: '/h', APPDATA: '/a' }, 'win32', '/a/numbergate/cli.json'],
  ])('with %j on %s lies at %s', (env, platform, path) => {
    expect(cachePath(env, platform)).toBe(path);
  });
});
