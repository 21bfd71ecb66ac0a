import * as z from 'zod';
import { NumberRecord } from '../../functions/numbers/schema.ts';
import type { OutboxLine } from '../../functions/platform/outbox.ts';
import type { Stored } from '../../functions/platform/table.ts';
import { InboxTask } from '../../functions/requests/inbox-schema.ts';
import { Claim, Intent } from '../../functions/requests/intent-schema.ts';
import { NumberRequest } from '../../functions/requests/schema.ts';
import { Ticket } from '../../functions/requests/ticket-schema.ts';
import { NumberCounter, Tenant } from '../../functions/tenants/schema.ts';

/** A number as the carrier's own ledger has it: what was really spent. */
export interface Bought {
  readonly carrier: string;
  readonly number: string;
  /** Orders executed for it. */
  readonly purchases: number;
  readonly state: 'owned' | 'pending';
  /** Request that ordered it, where the ledger knows that for certain. */
  readonly request?: string;
}
/** Everything the invariants are judged by, after a run has come to rest. */
export interface Truth {
  readonly items: readonly Stored[];
  readonly bought: readonly Bought[];
  /** Requests whose requester was told so. */
  readonly acknowledged: readonly string[];
  /** Requests with something running that will look again by itself or when it is told. */
  readonly alive: ReadonlySet<string>;
  /** Mails that left, repeats included, by message key. */
  readonly mails: readonly string[];
}

/** The table's items in the field's words. */
export interface Facts {
  readonly requests: readonly NumberRequest[];
  readonly intents: readonly Intent[];
  readonly numbers: readonly NumberRecord[];
  /** Ids of numbers listed by tenants, one for each row. */
  readonly rows: readonly string[];
  readonly claims: readonly (Claim & { readonly number: string })[];
  readonly tasks: readonly InboxTask[];
  readonly tickets: readonly Ticket[];
  readonly tenants: readonly Tenant[];
  readonly counters: ReadonlyMap<string, NumberCounter>;
  /** Versions written down for each audited thing. */
  readonly audited: ReadonlyMap<string, readonly number[]>;
  readonly lines: readonly { readonly line: OutboxLine; readonly state: string }[];
}

const after = (text: string, prefix: string): string => text.slice(prefix.length);

/** Reads the table as it lies: every record is parsed, so a damaged one is an error. */
export function factsOf(items: readonly Stored[]): Facts {
  const of = <S extends z.ZodType>(schema: S, is: (pk: string, sk: string) => boolean): z.infer<S>[] =>
    items.filter(({ key }) => is(key.pk, key.sk)).map(({ data }) => schema.parse(data));
  const inTenant = (pk: string, sk: string, prefix: string) => pk.startsWith('TEN#') && sk.startsWith(prefix);
  const audits = items.filter(({ key }) => key.pk.startsWith('AUD#'));
  const claims = items.filter(({ key }) => key.pk.startsWith('NUM#') && key.sk === 'CLAIM');
  const counters = items.filter(({ key }) => inTenant(key.pk, key.sk, 'COUNTER#numbers'));
  const lines = items.filter(({ key }) => key.pk.startsWith('OUT#'));
  return {
    requests: of(NumberRequest, (pk, sk) => inTenant(pk, sk, 'REQ#')),
    intents: of(Intent, (pk, sk) => inTenant(pk, sk, 'INTENT#')),
    numbers: of(NumberRecord, (pk, sk) => pk.startsWith('NUM#') && sk === 'NUMBER'),
    rows: items.filter(({ key }) => inTenant(key.pk, key.sk, 'NUMBER#')).map(({ key }) => after(key.sk, 'NUMBER#')),
    claims: claims.map(({ key, data }) => ({ ...Claim.parse(data), number: after(key.pk, 'NUM#') })),
    tasks: of(InboxTask, (pk, sk) => pk.startsWith('TASK#') && sk === 'TASK'),
    tickets: of(Ticket, (pk, sk) => inTenant(pk, sk, 'TKT#')),
    tenants: of(Tenant, (pk, sk) => inTenant(pk, sk, 'TENANT')),
    counters: new Map(counters.map(({ key, data }) => [after(key.pk, 'TEN#'), NumberCounter.parse(data)])),
    audited: Map.groupBy(
      audits.map(({ key }) => ({ id: after(key.pk, 'AUD#'), version: Number(key.sk) })),
      ({ id }) => id,
    )
      .entries()
      .reduce(
        (map, [id, list]) =>
          map.set(
            id,
            list.map(({ version }) => version),
          ),
        new Map<string, number[]>(),
      ),
    lines: lines.map(({ data }) => Line.parse(data)).map(({ line, state }) => ({ line: line as OutboxLine, state })),
  };
}

const Line = z.object({ line: z.looseObject({ kind: z.string() }), state: z.string() });
