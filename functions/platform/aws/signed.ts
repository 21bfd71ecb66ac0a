import type { Clock } from '../clock.ts';
import { type Posted, poster } from './signed-post.ts';
import { type Credentials, signer } from './signed-signature.ts';
import { CallFailed, CallRefused, type TableCall, type WireObject } from './table-call.ts';

/** The services this client speaks to: their names in signature, address, environment and `X-Amz-Target`. */
const SERVICES = {
  dynamodb: { target: 'DynamoDB_20120810', variable: 'AWS_ENDPOINT_URL_DYNAMODB', version: '1.0' },
  secretsmanager: { target: 'secretsmanager', variable: 'AWS_ENDPOINT_URL_SECRETS_MANAGER', version: '1.1' },
} as const;
type Environment = Readonly<Record<string, string | undefined>>;

export interface SignedOptions {
  readonly service: keyof typeof SERVICES;
  readonly region: string;
  /** Default: from the environment (`AWS_ENDPOINT_URL_…`), else the public one of the region. */
  readonly endpoint?: string;
  /** Milliseconds one try may take, connection included; default 300. */
  readonly tryMs?: number;
  /** Milliseconds for all tries; default 800. */
  readonly totalMs?: number;
  readonly clock: Clock;
  /** Where credentials are read at each signing; default the process's. */
  readonly env?: Environment;
}

const REPEATS = 2;
const PAUSE_MS = 25;
/** Answered, but worth a repeat: the service is busy, or still at work on the same transaction. */
const PASSING =
  /Throttl|LimitExceeded|ThroughputExceeded|TransactionInProgress|ServiceUnavailable|InternalServer|InternalService/;
/** Our clock is wrong: the signature is good at another time. */
const WRONG_TIME = /RequestExpired|RequestTimeTooSkewed|InvalidSignature|Signature(?:NotYetCurrent|Expired)/;
const SKEW_MS = 60_000;
/** No clock that jumps, and not `performance`, which loads nine modules when it is first named. */
const elapsedMs = (): number => process.uptime() * 1000;

type Outcome =
  | { readonly answer: WireObject }
  | { readonly error: CallRefused | CallFailed; readonly isPassing: boolean };
type Try = (operation: string, body: string, limitMs: number) => Promise<Outcome>;

/** A JSON service of AWS without its client: signs, repeats twice at most, ends in time. For inbound, which must stay small. */
export function signedCalls(options: SignedOptions): TableCall {
  const { tryMs = 300, totalMs = 800 } = options;
  const attempt = signedTry(options);
  return async (operation, input) => {
    const body = JSON.stringify(input);
    const end = elapsedMs() + totalMs;
    for (let repeats = 0; ; repeats++) {
      const outcome = await attempt(operation, body, Math.min(tryMs, end - elapsedMs()));
      if ('answer' in outcome) return outcome.answer;
      const pause = Math.random() * PAUSE_MS * 2 ** repeats;
      if (!outcome.isPassing || repeats === REPEATS || elapsedMs() + pause >= end) throw outcome.error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
}

function signedTry({ service, region, clock, ...options }: SignedOptions): Try {
  const env = options.env ?? process.env;
  const { target, version, variable } = SERVICES[service];
  const endpoint = new URL(options.endpoint ?? env[variable] ?? env['AWS_ENDPOINT_URL'] ?? publicOne(service, region));
  const { host } = endpoint;
  const { post, forget } = poster(endpoint);
  const sign = signer({ service, region });
  /** What the service's clock is ahead of ours, learnt when it refuses our time (X1). */
  let aheadMs = 0;
  return async (operation, body, limitMs) => {
    const now = clock.now().getTime();
    const named = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${target}.${operation}` };
    const at = new Date(now + aheadMs);
    const headers = sign({ host, headers: named, body, credentials: credentialsOf(env), at });
    try {
      const { answer, refused, servedAt } = read(await post({ headers, body, limitMs }));
      if (answer) return { answer };
      const skew = servedAt - now;
      const isSkewed = WRONG_TIME.test(refused.code) && Math.abs(skew - aheadMs) > SKEW_MS;
      if (isSkewed) aheadMs = skew;
      return { error: refused, isPassing: isSkewed || PASSING.test(refused.code) };
    } catch (cause) {
      // Whatever broke this connection may have broken those that wait; the next try opens its own.
      forget();
      return { error: new CallFailed(`${service} ${operation}: ${String(cause)}`, { cause }), isPassing: true };
    }
  };
}

/** The answer, or the error it names. Throws where no service spoke: a proxy's page, a body that does not read, a 5xx. */
function read({ status, header, text }: Posted): Read {
  if (status >= 500) throw new Error(`status ${status}`);
  const members = JSON.parse(text) as WireObject;
  if (status === 200) return { answer: members };
  const { __type: type = header('x-amzn-errortype'), message, Message, ...rest } = members;
  const code = String(type ?? `Status${status}`).replace(/^.*#|:.*$/g, '');
  const refused = new CallRefused({ code, message: String(message ?? Message ?? `status ${status}`), members: rest });
  return { answer: undefined, refused, servedAt: Date.parse(String(header('date'))) };
}
type Read =
  | { readonly answer: WireObject; readonly refused?: undefined; readonly servedAt?: undefined }
  | { readonly answer: undefined; readonly refused: CallRefused; readonly servedAt: number };

/** Read anew each time: the platform may replace them while the process lives. */
function credentialsOf(env: Environment): Credentials {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  if (!accessKeyId || !secretAccessKey) throw new CallFailed('no AWS credentials in the environment');
  return { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] || undefined };
}

function publicOne(service: string, region: string): string {
  return `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
