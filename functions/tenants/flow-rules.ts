import type { FieldProblem } from '../domain/errors.ts';
import type { CallFlowStep } from './schema.ts';

const FOLLOWERS = ['next', 'otherwise'] as const;

/**
 * What is wrong with the steps in themselves: names occur once, and a simple flow runs its steps in their order, so that
 * `next` and `otherwise` can only name the step that follows (api-map §13, Call flows).
 */
export function stepProblems(steps: readonly CallFlowStep[]): FieldProblem[] {
  const names = steps.map((step) => step.id);
  return steps.flatMap((step, at): FieldProblem[] => {
    const twice = names.indexOf(step.id) < at;
    const followers = FOLLOWERS.flatMap((field) => {
      const named = (step as { readonly [Field in (typeof FOLLOWERS)[number]]?: string | undefined })[field];
      return named === undefined || named === names[at + 1] ? [] : [leap(at, field, names.includes(named))];
    });
    return [
      ...(twice ? [{ pointer: `#/steps/${at}/id`, code: 'repeated_step', detail: 'names two steps' }] : []),
      ...followers,
    ];
  });
}

const leap = (at: number, field: string, isKnown: boolean): FieldProblem => ({
  pointer: `#/steps/${at}/${field}`,
  code: isKnown ? 'step_does_not_follow' : 'unknown_step',
  detail: isKnown ? 'is not the step that follows; steps run in their order' : 'is the name of no step',
});
