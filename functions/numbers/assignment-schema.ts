import { InvalidInput } from '../domain/errors.ts';
import type { Assignment } from './schema.ts';

/** What is wrong with an assignment in itself (S0-9, S0-14); undefined when nothing is. `at`: JSON pointer of it. */
export function malformedBecause(wanted: Assignment, at = '#'): InvalidInput | undefined {
  const { ownership, target, presentableBy, primary } = wanted;
  if (ownership === 'private' && target?.type !== 'extension')
    return wrong(`${at}/target`, 'extension_required', "A private number rings exactly one user's extension.");
  if (ownership === 'pre_provisioned' && target)
    return wrong(`${at}/target`, 'target_not_allowed', 'Designate the number private or shared to route it.');
  if (ownership !== 'shared' && presentableBy)
    return wrong(`${at}/presentableBy`, 'not_shared', 'Only a shared number is presented by several users.');
  if (primary && target?.type !== 'extension')
    return wrong(
      `${at}/primary`,
      'extension_required',
      'A primary number is that of a user: route it to an extension.',
    );
  return undefined;
}

/** The refusal of one field of an assignment. */
export function wrong(pointer: string, code: string, detail: string, of = 'invalid_input'): InvalidInput {
  return new InvalidInput({ code: of, detail, errors: [{ pointer, code, detail }] });
}
