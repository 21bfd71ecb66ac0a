import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { RequirementItem } from '../../../functions/carriers/papers-port.ts';
import { NumberType, Subject } from '../../../functions/domain/country.ts';

const Item = z.object({
  id: z.string(),
  kind: z.enum(['document', 'text', 'address']),
  subject: Subject,
  description: z.string(),
  scope: z.enum(['world', 'country', 'area', 'city']).optional(),
  acceptedEvidence: z.array(z.string()).optional(),
  maxAgeMonths: z.int().optional(),
});
const Country = z.object({
  numberTypes: z.partialRecord(NumberType, z.object({ requirements: z.array(Item).nullable() })),
});

/**
 * What the simulated regulators ask for, by the regulatory data of the product.
 * @returns undefined where the data does not know ("unknown", never "none")
 */
export function requirementsFor(
  country: string,
  type: NumberType,
  subject: Subject,
): readonly RequirementItem[] | undefined {
  const file = new URL('../../../functions/compliance/data/regulatory-requirements.json', import.meta.url);
  const table = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
  if (table[country] === undefined) return undefined;
  const items = Country.parse(table[country]).numberTypes[type]?.requirements;
  return items?.filter((item) => item.subject === subject).map(toRequirement);
}

function toRequirement({
  id,
  kind,
  description,
  scope,
  acceptedEvidence,
  maxAgeMonths,
}: z.infer<typeof Item>): RequirementItem {
  const words = id.replaceAll('_', ' ');
  return {
    ...{
      requirementId: id,
      kind,
      name: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
      description,
      required: true,
    },
    acceptedEvidence: acceptedEvidence ?? [],
    ...(maxAgeMonths === undefined ? {} : { maxAgeMonths }),
    ...(scope === undefined ? {} : { addressScope: scope }),
  };
}
