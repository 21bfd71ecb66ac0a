import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RawReply, RawRequest } from '../carriers/inbound-port.ts';
import { type Inbound, LARGEST_BODY } from './app.ts';

/** Whether a request line is this room's: the rest of the server never sees these. */
export function isInbound(target: string | undefined): boolean {
  return target !== undefined && (target.startsWith('/inbound/') || target.startsWith('/fallback/'));
}

/** Serves the room on Node's own HTTP server: target and body reach it byte for byte as they came. */
export function inboundListener(inbound: Inbound): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  return (incoming, outgoing) => {
    const parts: Buffer[] = [];
    let size = 0;
    incoming.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= LARGEST_BODY) parts.push(part);
      else if (!outgoing.headersSent) send(outgoing, { status: 413, headers: { connection: 'close' }, body: '' });
    });
    incoming.on('end', () => {
      if (size > LARGEST_BODY) return;
      void inbound(toRequest(incoming, parts)).then(
        (reply) => send(outgoing, reply),
        () => send(outgoing, { status: 500, headers: {}, body: '' }),
      );
    });
    incoming.on('error', () => outgoing.destroy());
  };
}

function toRequest(incoming: IncomingMessage, parts: readonly Buffer[]): RawRequest {
  const path = incoming.url ?? '/';
  const mark = path.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path,
    query: mark < 0 ? '' : path.slice(mark + 1),
    // Node joins repeated headers itself, all but `set-cookie`, which no request carries.
    headers: incoming.headers as Readonly<Record<string, string>>,
    body: parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts),
  };
}

function send(outgoing: ServerResponse, { status, headers, body, isBase64 }: RawReply): void {
  const bytes = Buffer.from(body, isBase64 ? 'base64' : 'utf8');
  const length = status === 204 ? {} : { 'content-length': bytes.byteLength };
  outgoing.writeHead(status, { ...headers, ...length });
  outgoing.end(bytes);
}
