import * as z from 'zod';

const Metadata = z
  .record(z.string().min(1).max(40), z.string().max(500).nullable())
  .describe('Merged with what is there; `null` takes a key away. At most 20 keys.');

/** What may be changed of a number by name (S0-31, S4-6, S4-7); `null` takes a value away, of `name` restores the number. */
export const NumberChange = z.strictObject({
  name: z.string().trim().min(1).max(100).nullable().optional(),
  description: z.string().max(250).nullable().optional(),
  tags: z.array(z.string().min(1).max(100)).max(50).nullable().optional(),
  metadata: Metadata.nullable().optional(),
  reference: z.string().max(200).nullable().optional(),
});
export type NumberChange = z.infer<typeof NumberChange>;
