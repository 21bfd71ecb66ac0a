import { escapeXml } from '../domain/xml.ts';
import type { Mail } from '../platform/mailer.ts';
import { isOpenItem } from './bundle-items.ts';
import type { Bundle, BundleState } from './bundle-schema.ts';

const SUBJECTS: Readonly<Partial<Record<BundleState, string>>> = {
  draft: 'More is needed for your set of papers',
  approved: 'Your set of papers is approved',
  provisionally_approved: 'Your set of papers is approved for the time being',
  rejected: 'Your set of papers was rejected',
  expiring: 'A set of papers runs out',
  expired: 'A set of papers has run out',
};

/** What whoever submitted a set is told when its state changes; never the papers themselves. Pure. */
export function judgedMail(bundle: Bundle, settings: { readonly publicUrl: string }): Mail | undefined {
  const subject = SUBJECTS[bundle.state];
  const to = bundle.submittedBy;
  if (!subject || !to) return undefined;
  const open = bundle.items.filter(isOpenItem);
  const missing = open.map((item) =>
    item.remarks.length > 0 ? `${item.name} (${item.remarks.join('; ')})` : item.name,
  );
  const lines = [
    `Hello ${to.name},`,
    `${subject}: ${bundle.country}, ${bundle.type.replace('_', '-')} numbers, ${bundle.carrier}.`,
    ...(missing.length > 0 ? [`Still needed: ${missing.join(', ')}.`] : []),
    ...(bundle.remark ? [bundle.remark] : []),
    ...(bundle.validUntil ? [`Valid until ${bundle.validUntil}.`] : []),
    `Bundle ${bundle.id}: ${settings.publicUrl}/bundles/${bundle.id}`,
  ];
  return {
    to: [to.email],
    subject,
    text: `${lines.join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><body>${lines.map((line) => `<p>${escapeXml(line)}</p>`).join('')}</body></html>`,
    messageKey: `${bundle.id}.${bundle.state}_${bundle.version}.requester`,
  };
}
