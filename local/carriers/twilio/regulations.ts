import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { NumberType, type Subject } from '../../../functions/domain/country.ts';
import type { JsonObject } from '../kernel/simulator-port.ts';

const Asked = z.object({
  id: z.string(),
  kind: z.enum(['document', 'text', 'address']),
  subject: z.enum(['business', 'individual']),
  description: z.string(),
  acceptedEvidence: z.array(z.string()).optional(),
});
export type Asked = z.infer<typeof Asked>;
const Countries = z.record(
  z.string(),
  z.object({
    name: z.string(),
    numberTypes: z.partialRecord(NumberType, z.object({ requirements: z.array(Asked).nullable() })),
  }),
);

/** One regulation of the simulated Twilio: what a country asks for a type of number and a kind of end user. */
export interface SimRegulation {
  readonly sid: string;
  readonly name: string;
  readonly country: string;
  readonly type: NumberType;
  readonly subject: Subject;
  readonly asked: readonly Asked[];
}

/** All regulations, from the product's own data. What is unknown there is not asked for here. */
export function readRegulations(): readonly SimRegulation[] {
  const file = new URL('../../../functions/compliance/data/regulatory-requirements.json', import.meta.url);
  const data = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const countries = Countries.parse(Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith('_'))));
  return Object.entries(countries).flatMap(([country, { name, numberTypes }]) =>
    NumberType.options.flatMap((type) =>
      (['business', 'individual'] as const).flatMap((subject) => {
        const asked = (numberTypes[type]?.requirements ?? []).filter((item) => item.subject === subject);
        const sid = `RN${createHash('md5').update(`${country}.${type}.${subject}`).digest('hex')}`;
        return asked.length === 0 ? [] : [{ sid, name, country, type, subject, asked }];
      }),
    ),
  );
}

/** The type of document a requirement is met with: named after the requirement, so that no two share one. */
export function documentType(item: Asked): string {
  return item.kind === 'address' ? 'address' : `${item.id}_document`;
}

export function wireType(type: NumberType): string {
  return type.replace('_', '-');
}

/** As the regulations interface gives it. */
export function regulationRow(regulation: SimRegulation, root: string): JsonObject {
  const base = `${root}/v2/RegulatoryCompliance`;
  const texts = regulation.asked.filter((item) => item.kind === 'text');
  const title = regulation.subject === 'business' ? 'Business' : 'Individual';
  return {
    sid: regulation.sid,
    friendly_name: `${regulation.name}: ${wireType(regulation.type)} - ${title}`,
    iso_country: regulation.country,
    number_type: wireType(regulation.type),
    end_user_type: regulation.subject,
    requirements: {
      end_user: [
        {
          name: title,
          type: regulation.subject,
          requirement_name: `${regulation.subject}_info`,
          url: `${base}/Regulations/${regulation.subject}`,
          fields: texts.map((item) => item.id),
          detailed_fields: texts.map((item) => field(item.id, item.description)),
        },
      ],
      supporting_document: [regulation.asked.filter((item) => item.kind !== 'text').map((item) => need(item, base))],
    },
    url: `${base}/Regulations/${regulation.sid}`,
  };
}

function need(item: Asked, base: string): JsonObject {
  const type = documentType(item);
  const fields = item.kind === 'address' ? [field('address_sids', 'Address sid of the end user')] : [];
  const names = item.kind === 'address' ? ['Address Validation'] : (item.acceptedEvidence ?? [titleOf(item.id)]);
  return {
    name: titleOf(item.id),
    type: 'document',
    requirement_name: item.id,
    description: item.description,
    accepted_documents: names.map((name) => ({
      name,
      type,
      url: `${base}/DocumentTypes/${type}`,
      fields: fields.map((one) => one.machine_name),
      detailed_fields: fields,
    })),
  };
}

function field(name: string, description: string) {
  return { machine_name: name, friendly_name: titleOf(name), description };
}

export function titleOf(id: string): string {
  const words = id.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
