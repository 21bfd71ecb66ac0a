import type { CarrierId } from '../domain/carrier-id.ts';
import type { E164 } from '../domain/e164.ts';

/** A carrier's request exactly as it arrived. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as received, undecoded; without the host. */
  readonly path: string;
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body is bytes in base64: sound, never a dialect's document. */
  readonly isBase64?: true;
}
export type InboundKind = 'voice' | 'sms' | 'status' | 'orders';

/** Secrets by credential name, in their valid versions (newest first; two during rotation). */
export type InboundSecrets = Readonly<Record<string, readonly string[]>>;
export type Verdict =
  | {
      readonly ok: true /** Unique id of this delivery where the carrier signs one (Vonage `jti`). */;
      readonly deliveryId?: string;
    }
  | { readonly ok: false; readonly status: 401 | 403 | 503; readonly reason: string };

/** An incoming call, or a later step of one. `to` may be any notation the carrier uses; `called` is canonical. */
export interface VoiceEvent {
  readonly type: 'voice';
  readonly callId: string;
  readonly from: string;
  readonly called: E164 | undefined;
  /** Outcome of the step before, on a later step: `completed busy no_answer failed cancelled`. */
  readonly lastStep?: string;
  readonly digits?: string;
  readonly recordingUrl?: string;
}
export interface StatusEvent {
  readonly type: 'status';
  readonly callId: string;
  readonly from: string;
  readonly called: E164 | undefined;
  readonly state: 'ringing' | 'answered' | 'completed' | 'busy' | 'no_answer' | 'failed' | 'cancelled';
  readonly at: string | undefined;
  readonly durationSeconds?: number;
  /** One record per key (V5). */
  readonly dedupeKey: string;
}
export interface MessageEvent {
  readonly type: 'message';
  /** `received`: from outside to our number; otherwise the fate of one we sent. */
  readonly state: 'received' | 'sent' | 'delivered' | 'failed';
  readonly messageId: string;
  readonly from: string;
  readonly called: E164 | undefined;
  readonly text: string;
  readonly media: readonly string[];
  readonly at: string | undefined;
  readonly dedupeKey: string;
}
/** Something about an order, a number or papers changed: a hint to look again, never a fact. */
export interface OrderEvent {
  readonly type: 'order';
  readonly subject: 'order' | 'papers' | 'number';
  /** The carrier's id of the order, bundle or group. */
  readonly carrierId: string;
  /** Our reference, when the carrier repeats it. */
  readonly reference?: string;
  readonly number?: E164;
  readonly dedupeKey: string;
}
export type InboundEvent = VoiceEvent | StatusEvent | MessageEvent | OrderEvent;

/** What is to happen to a call, in no carrier's words. */
export type CallStep =
  | { readonly do: 'say'; readonly text: string; readonly language?: string }
  | {
      readonly do: 'dial';
      readonly to: { readonly sip: string } | { readonly number: E164 };
      readonly timeoutSeconds: number;
      /** Number shown to the called side; must be one of this carrier's own. Absent: the caller's. */
      readonly callerId?: E164;
      /** Asked for what comes next when the dial ends unanswered. */
      readonly next?: string;
    }
  | {
      readonly do: 'queue';
      readonly name: string;
      /** Longest wait, for carriers whose document can tell it. */
      readonly waitSeconds?: number;
      /** Asked for what the caller hears while waiting, for carriers that leave the end of the wait to that document. */
      readonly hold?: string;
      /** Asked for what comes next when nobody took the call. */
      readonly next?: string;
    }
  | { readonly do: 'record'; readonly maxSeconds: number; readonly next: string }
  | { readonly do: 'pause'; readonly seconds: number }
  /** Out of the queue the caller waits in: `next` of the step that led there is asked. */
  | { readonly do: 'leave' }
  | { readonly do: 'hangup' };
export interface CallPlan {
  readonly steps: readonly CallStep[];
}

/** A carrier's inbound side: pure functions over bytes, `node:crypto` only (no SDK, no adapter). */
export interface Dialect {
  readonly id: CarrierId;
  /** Of a call, only its end is told; else each state is, from `ringing` on. Wrong in a case, it costs a write. */
  readonly tellsOnlyEnds?: true;
  /** Fails closed. `publicUrl` is configured, never taken from Host. Strict checks of reliability §5. Never throws. */
  verify(
    kind: InboundKind,
    request: RawRequest,
    secrets: InboundSecrets,
    at: { readonly now: Date; readonly publicUrl: string },
  ): Verdict;
  /** `undefined`: verified, but nothing of ours (unknown event type): acknowledged and dropped. */
  parse(kind: InboundKind, request: RawRequest): InboundEvent | undefined;
  /** Always well-formed, whatever the texts hold (V8). */
  render(plan: CallPlan): RawReply;
  /** Positive empty answer to an event of this kind (for `sms`: accepted, no reply message). */
  acknowledge(kind: InboundKind): RawReply;
}
