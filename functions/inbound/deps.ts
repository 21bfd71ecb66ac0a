import type { Dialect } from '../carriers/inbound-port.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import type { Deps } from '../platform/deps.ts';

/** Secrets to read: credential name, as a dialect knows it, to the secret's name in the store. */
export type SecretNames = Readonly<Record<string, string>>;
/** A carrier's inbound side and the secrets it verifies with. */
export interface InboundDialect {
  readonly dialect: Dialect;
  readonly secrets: SecretNames;
}
export type InboundDialects = Readonly<Partial<Record<CarrierId, InboundDialect>>>;

export interface InboundDeps extends Pick<Deps, 'table' | 'secrets' | 'clock' | 'log'> {
  readonly settings: {
    /** This installation's address as carriers reach it, without trailing slash: what they sign. */
    readonly publicUrl: string;
    /** Days a call or message record is kept, default 365. */
    readonly recordDays?: number;
  };
  readonly dialects: InboundDialects;
}
