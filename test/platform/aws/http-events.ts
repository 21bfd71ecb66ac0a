import type { HttpEvent } from '../../../functions/platform/on-lambda.ts';

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** An HTTP API's event (payload format 2.0) as AWS sends it, with all its members. */
export function httpEvent(call: string, { headers = {}, body }: Sent = {}): HttpEvent {
  const [method = 'GET', target = '/'] = call.split(' ');
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const rawQueryString = mark < 0 ? '' : target.slice(mark + 1);
  const isBytes = body instanceof Uint8Array;
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: { host: 'abc123.execute-api.us-east-1.amazonaws.com', 'x-forwarded-proto': 'https', ...headers },
    requestContext: {
      accountId: '000000000000',
      apiId: 'abc123',
      domainName: 'abc123.execute-api.us-east-1.amazonaws.com',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'curl/8' },
      requestId: 'JKJaXmPLvHcESHA=',
      stage: '$default',
      timeEpoch: 1_795_255_200_000,
    },
    ...(body === undefined ? {} : { body: isBytes ? Buffer.from(body).toString('base64') : body }),
    isBase64Encoded: isBytes,
  };
  return event;
}
