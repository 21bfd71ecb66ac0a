import * as z from 'zod';

/** A number in E.164 with its plus sign: the only form stored, compared or sent inside the gateway. */
export const E164 = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'a number in E.164, like +441223555010')
  .brand<'E164'>();
export type E164 = z.infer<typeof E164>;

/** Reads a strict E.164 text; undefined when it is not one. For national notations see `number-parsing.ts`. */
export function asE164(text: string): E164 | undefined {
  const parsed = E164.safeParse(text);
  return parsed.success ? parsed.data : undefined;
}
