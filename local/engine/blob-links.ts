import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { NotAllowed } from '../../functions/domain/errors.ts';
import type { SecretVersions } from '../../functions/platform/secrets.ts';

/** What a link allows: one upload of exactly this size and type, or one file as download; until `expires` (epoch ms). */
const Grant = z.discriminatedUnion('allows', [
  z.strictObject({
    allows: z.literal('put'),
    key: z.string(),
    size: z.int().min(0),
    contentType: z.string(),
    expires: z.int(),
  }),
  z.strictObject({ allows: z.literal('get'), key: z.string(), fileName: z.string(), expires: z.int() }),
]);
export type Grant = z.infer<typeof Grant>;
export type GrantTo<Allows extends Grant['allows']> = Extract<Grant, { allows: Allows }>;

/** The grant as text of `A–Z a–z 0–9 - . _` alone, authenticated with the newest version of the secret. */
export function sealGrant(grant: Grant, [secret = '']: SecretVersions): string {
  const text = Buffer.from(JSON.stringify(grant)).toString('base64url');
  return `${text}.${signature(text, secret)}`;
}

/** Throws `NotAllowed`: `link_invalid` when it is not ours or allows something else, `link_expired`. */
export function openGrant<Allows extends Grant['allows']>(
  sealed: string,
  allows: Allows,
  { secrets, now }: { readonly secrets: SecretVersions; readonly now: Date },
): GrantTo<Allows> {
  const [text = '', signed = ''] = sealed.split('.');
  if (!secrets.some((secret) => isSame(signed, signature(text, secret)))) throw invalid();
  const grant = Grant.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  if (!isFor(grant, allows)) throw invalid();
  if (now.getTime() < grant.expires) return grant;
  throw new NotAllowed({ code: 'link_expired', detail: 'The link has expired; ask for a new one.' });
}

function isFor<Allows extends Grant['allows']>(grant: Grant, allows: Allows): grant is GrantTo<Allows> {
  return grant.allows === allows;
}

function invalid(): NotAllowed {
  return new NotAllowed({ code: 'link_invalid', detail: 'The link is not valid.' });
}

function signature(text: string, secret: string): string {
  return createHmac('sha256', `blob-links ${secret}`).update(text).digest('base64url');
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
