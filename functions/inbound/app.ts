import type {
  Dialect,
  InboundEvent,
  InboundKind,
  InboundSecrets,
  RawReply,
  RawRequest,
  Verdict,
} from '../carriers/inbound-port.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { apologyPlan } from '../routing/plan.ts';
import type { InboundDeps, InboundDialect } from './deps.ts';
import { storeEvent } from './events.ts';
import { HOLD_MUSIC_PATH, holdMusic } from './hold-music.ts';
import { routeFinder } from './routes-kept.ts';
import { type SecretCache, secretCache } from './secret-cache.ts';
import { STEP_KEY } from './step-seal.ts';
import { planCall, type Voice } from './voice.ts';

/** Bytes of a webhook's body at most (reliability §6). */
export const LARGEST_BODY = 256 * 1024;
/** Requests in the house at once; the stated load keeps about fifty (V9). */
const MOST_AT_ONCE = 2_000;
const ADDRESS = /^\/inbound\/([a-z-]+)\/(voice|sms|status|orders)$/;
const FALLBACK = /^\/fallback\/([a-z-]+)\.(xml|json)$/;

export type Inbound = (request: RawRequest) => Promise<RawReply>;
interface Inside extends Voice {
  readonly secrets: SecretCache;
}
interface Known extends InboundDialect {
  readonly carrier: CarrierId;
}
interface Visit extends Known {
  readonly kind: InboundKind;
  readonly request: RawRequest;
}

/**
 * The carriers' side of the gateway (api-map §12): verified, parsed, answered in the carrier's own dialect. Never rejects
 * and never writes or reads anything about a number before the signature holds (I16). Needs no framework.
 */
export function inboundApp(deps: InboundDeps): Inbound {
  const secrets = secretCache(deps.secrets, deps.clock, deps.log);
  const voice: Inside = { deps, secrets, findRoute: routeFinder(deps) };
  const carriers = carriersOf(deps);
  const fallbacks = fallbackReplies(deps);
  let inHouse = 0;

  /**
   * The outermost guard: whatever happens inside, a call gets a document made beforehand (V1, V3), an event a refusal that
   * makes the carrier send it again. Secrets, route and recording have their own limits of 600, 600 and 400 ms: together
   * less than the 2 s of performance §1.
   */
  async function visit(found: Visit): Promise<RawReply> {
    try {
      const judged = await verified(voice, found);
      if (judged.verdict.ok) return await react(voice, found, judged);
      deps.log.warn('webhook_refused', { carrier: found.carrier, kind: found.kind, reason: judged.verdict.reason });
      return empty(judged.verdict.status);
    } catch (error) {
      deps.log.error('webhook_not_served', error, { carrier: found.carrier, kind: found.kind });
      return (found.kind === 'voice' ? fallbacks.get(found.carrier) : undefined) ?? empty(503);
    }
  }

  return async (request) => {
    const path = request.path.split('?', 1)[0] ?? '';
    const found = visitOf(carriers, path);
    if (!found) return staticReply(fallbacks, path) ?? empty(404);
    if (request.method !== 'POST' && request.method !== 'GET') return empty(405);
    if (request.body.byteLength > LARGEST_BODY) return empty(413);
    if (inHouse >= MOST_AT_ONCE) return { ...empty(429), headers: { 'retry-after': '1' } };
    inHouse++;
    try {
      return await visit({ ...found.known, kind: found.kind, request });
    } finally {
      inHouse--;
    }
  };
}

function visitOf(carriers: ReadonlyMap<string, Known>, path: string) {
  const [, name = '', kind] = ADDRESS.exec(path) ?? [];
  const known = carriers.get(name);
  return known && { known, kind: kind as InboundKind };
}

/** The carriers by the name in the path; the key of later steps is read along with each one's own secrets. */
function carriersOf({ dialects }: InboundDeps): ReadonlyMap<string, Known> {
  const stepKey = { [STEP_KEY.credential]: STEP_KEY.secret };
  return new Map(
    Object.values(dialects).map(({ dialect, secrets }) => [
      dialect.id,
      { carrier: dialect.id, dialect, secrets: { ...secrets, ...stepKey } },
    ]),
  );
}

interface Judged {
  readonly verdict: Verdict;
  readonly secrets: InboundSecrets;
}

/** Fails closed. A wrong signature is judged once more with secrets read anew: they may have been rotated (X8). */
async function verified({ deps, secrets }: Inside, found: Visit): Promise<Judged> {
  const held = await secrets.read(found.secrets);
  if (!held) return { verdict: { ok: false, status: 503, reason: 'secrets unavailable' }, secrets: {} };
  const at = { now: deps.clock.now(), publicUrl: deps.settings.publicUrl };
  const verdict = judge(found, held, at);
  const newer = verdict.ok ? undefined : await secrets.renew(found.secrets);
  return newer ? { verdict: judge(found, newer, at), secrets: newer } : { verdict, secrets: held };
}

function judge({ dialect, kind, request }: Visit, ...given: SecretsAndTime): Verdict {
  try {
    return dialect.verify(kind, request, ...given);
  } catch {
    return { ok: false, status: 403, reason: 'unreadable' };
  }
}
type SecretsAndTime = [secrets: Parameters<Dialect['verify']>[2], at: Parameters<Dialect['verify']>[3]];

async function react(voice: Inside, found: Visit, { verdict, secrets }: Judged): Promise<RawReply> {
  const { carrier, dialect, kind, request } = found;
  const event: InboundEvent | undefined = dialect.parse(kind, request);
  if (!event) return dialect.acknowledge(kind);
  if (event.type === 'voice') {
    const sealKeys = secrets[STEP_KEY.credential] ?? [];
    return dialect.render(await planCall(voice, { carrier, event, query: request.query, sealKeys }));
  }
  await storeEvent(voice.deps, carrier, event, verdict.ok ? verdict.deliveryId : undefined);
  return dialect.acknowledge(kind);
}

/** Made at the start, so that a bug in a renderer shows there and not in a call. */
export function fallbackReplies({ dialects }: Pick<InboundDeps, 'dialects'>): ReadonlyMap<string, RawReply> {
  return new Map(Object.values(dialects).map(({ dialect }) => [dialect.id, dialect.render(apologyPlan)]));
}

/** The document set at the carrier for the day we are unreachable (V4), and the tune that needs no carrier's leave. */
function staticReply(fallbacks: ReadonlyMap<string, RawReply>, path: string): RawReply | undefined {
  if (path === HOLD_MUSIC_PATH) return holdMusic();
  const [, name = '', form = ''] = FALLBACK.exec(path) ?? [];
  const reply = fallbacks.get(name);
  if (!reply?.headers['content-type']?.includes(form)) return undefined;
  return { ...reply, headers: { ...reply.headers, 'cache-control': 'public, max-age=3600' } };
}

function empty(status: number): RawReply {
  return { status, headers: {}, body: '' };
}
