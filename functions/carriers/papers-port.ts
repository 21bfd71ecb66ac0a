import type { CountryCode, NumberType, Subject } from '../domain/country.ts';
import type { Call, Outcome } from './outcome.ts';

/** Names the papers to order with: a Twilio bundle (and address), a Telnyx requirement group. */
export interface PapersRefs {
  readonly bundleId?: string;
  readonly addressId?: string;
  readonly endUserId?: string;
  readonly documentIds?: readonly string[];
}

/** One thing a carrier (or the data file) asks for. */
export interface RequirementItem {
  readonly requirementId: string;
  readonly kind: 'document' | 'text' | 'address';
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly acceptedEvidence: readonly string[];
  readonly maxAgeMonths?: number;
  readonly addressScope?: 'world' | 'country' | 'area' | 'city';
}
export interface PostalAddress {
  readonly lines: readonly string[];
  readonly city: string;
  readonly region?: string;
  readonly postalCode: string;
  readonly country: CountryCode;
}
export type PaperAnswer =
  | { readonly requirementId: string; readonly kind: 'text'; readonly value: string }
  | { readonly requirementId: string; readonly kind: 'address'; readonly address: PostalAddress }
  | {
      readonly requirementId: string;
      readonly kind: 'document';
      readonly fileName: string;
      readonly contentType: string;
      readonly open: () => Promise<Uint8Array>;
    };
export interface Papers {
  /** The request's id: found again by it, so that handing in twice makes one set. */
  readonly reference: string;
  readonly country: CountryCode;
  readonly type: NumberType;
  readonly subject: Subject;
  readonly endUserName: string;
  readonly email: string;
  readonly statusUrl: string;
  readonly answers: readonly PaperAnswer[];
  /** Of an earlier, rejected hand-in: corrected in place where the carrier wants that. */
  readonly previous?: PapersRefs;
}
export interface PapersState {
  readonly state: 'draft' | 'in_review' | 'approved' | 'provisionally_approved' | 'rejected' | 'expired';
  readonly validUntil?: string;
  readonly rejections: readonly { readonly requirementId?: string; readonly remark: string }[];
}
export interface PapersService {
  /** `undefined`: the carrier does not know ("unknown", never "none"). */
  requirements(
    wish: { country: CountryCode; type: NumberType; subject: Subject; action: 'ordering' | 'porting' },
    call: Call,
  ): Promise<readonly RequirementItem[] | undefined>;
  /** Creates (or finds by reference) and hands in for review. */
  submit(papers: Papers, call: Call): Promise<Outcome<PapersRefs>>;
  state(refs: PapersRefs, call: Call): Promise<PapersState>;
}
