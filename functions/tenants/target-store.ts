import type { TargetLabel } from '../numbers/row-store.ts';
import type { Assignment } from '../numbers/schema.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { ResolvedTarget } from '../routing/schema.ts';
import type { CallFlowStep, FallbackTarget, Target, Tenant } from './schema.ts';
import { findCallFlow, findExtension, findQueue, findUser } from './store.ts';

type Sources = Pick<Deps, 'table' | 'settings'>;
export const RING_SECONDS = 25;
const VOICEMAIL_SECONDS = 120;
/** One spoken sentence, then the end: the fallback of a tenant that set none. */
export const DEFAULT_FALLBACK = 'We cannot take your call at the moment. Please try again later.';

/** A target with everything inbound needs, and how it is shown. `flow`: several to be tried in order. */
export interface ResolvedChoice {
  readonly target?: ResolvedTarget;
  readonly flow?: readonly ResolvedTarget[];
  readonly label: TargetLabel;
}
export interface Resolved extends TargetLabel {
  readonly assignment: Assignment;
  readonly target?: ResolvedTarget;
  readonly flow?: readonly ResolvedTarget[];
  readonly fallback: ResolvedTarget;
  /** What follows a fallback that is a queue; absent: nothing. */
  readonly afterFallback?: readonly ResolvedTarget[];
  /** The wanted target does not exist (any more). */
  readonly problem?: 'unknown_target';
}

const NOBODY: TargetLabel = { routedTo: 'none', label: '', targetName: '' };

/** Looks a target up within the tenant; undefined when it is missing or another tenant's (same answer, I7). */
export async function resolveTarget(
  deps: Sources,
  scope: TenantScope,
  target: Target,
): Promise<ResolvedChoice | undefined> {
  switch (target.type) {
    case 'extension':
      return resolveExtension(deps, scope, target.id);
    case 'queue':
      return resolveQueue(deps, scope, target.id, []);
    case 'forward':
      return {
        target: { type: 'forward', number: target.number, timeoutSeconds: RING_SECONDS },
        label: { routedTo: 'forward', label: `Forward: ${target.number}`, targetName: target.number },
      };
    case 'voicemail':
      return resolveVoicemail(deps, scope, target.id);
    case 'call_flow': {
      const flow = await findCallFlow(deps.table, scope, target.id);
      if (!flow) return undefined;
      const steps = await Promise.all(flow.steps.map((step) => resolveStep(deps, scope, step)));
      return {
        flow: steps.flat(),
        label: { routedTo: 'workflow', label: `Workflow: ${flow.name}`, targetName: flow.name },
      };
    }
  }
}

/** A queue with all that follows when nobody takes the call: its overflow, on through further queues, none of them twice. */
async function resolveQueue(
  deps: Sources,
  scope: TenantScope,
  id: Extract<Target, { type: 'queue' }>['id'],
  before: readonly string[],
): Promise<ResolvedChoice | undefined> {
  const queue = await findQueue(deps.table, scope, id);
  if (!queue) return undefined;
  const { name, timeoutSeconds, overflow } = queue;
  const target = { type: 'queue', id, name, timeoutSeconds } as const;
  const after = overflow ? await resolveOverflow(deps, scope, overflow, [...before, id]) : [];
  return {
    target,
    ...(after.length > 0 ? { flow: [target, ...after] } : {}),
    label: { routedTo: 'queue', label: `Queue: ${name}`, targetName: name },
  };
}

async function resolveOverflow(
  deps: Sources,
  scope: TenantScope,
  overflow: FallbackTarget,
  before: readonly string[],
): Promise<readonly ResolvedTarget[]> {
  if (overflow.type === 'announce') return [{ type: 'announce', text: overflow.text }];
  if (overflow.type !== 'queue') return tried(await resolveTarget(deps, scope, overflow));
  return before.includes(overflow.id) ? [] : tried(await resolveQueue(deps, scope, overflow.id, before));
}

/** All a choice tries, in order. */
const tried = (choice: ResolvedChoice | undefined): readonly ResolvedTarget[] =>
  choice?.flow ?? (choice?.target ? [choice.target] : []);

async function resolveExtension(
  deps: Sources,
  scope: TenantScope,
  id: Extract<Target, { type: 'extension' }>['id'],
): Promise<ResolvedChoice | undefined> {
  const extension = await findExtension(deps.table, scope, id);
  const user = extension && (await findUser(deps.table, scope, extension.userId));
  if (!extension || !user) return undefined;
  const sipUri =
    extension.sipUri ?? `sip:${extension.extension}@${scope.tenantId.replace('_', '-')}.${deps.settings.sipDomain}`;
  return {
    target: { type: 'extension', id: extension.id, name: user.name, sipUri, timeoutSeconds: RING_SECONDS },
    label: { routedTo: 'extension', label: `Extension: ${user.name}`, targetName: user.name, userId: user.id },
  };
}

async function resolveVoicemail(
  deps: Sources,
  scope: TenantScope,
  id: Extract<Target, { type: 'voicemail' }>['id'],
): Promise<ResolvedChoice | undefined> {
  const user = id ? await findUser(deps.table, scope, id) : undefined;
  if (id && !user) return undefined;
  const prompt = user
    ? `${user.name} is not available. Please leave a message after the tone.`
    : 'Please leave a message after the tone.';
  const name = user?.name ?? 'Voicemail';
  return {
    target: { type: 'voicemail', ...(user ? { id: user.id } : {}), name, prompt, maxSeconds: VOICEMAIL_SECONDS },
    label: {
      routedTo: 'voicemail',
      label: `Voicemail: ${name}`,
      targetName: name,
      ...(user ? { userId: user.id } : {}),
    },
  };
}

/** A step of a simple flow as targets tried in order; one that points to something deleted is left out (A1). */
async function resolveStep(deps: Sources, scope: TenantScope, step: CallFlowStep): Promise<readonly ResolvedTarget[]> {
  const asTargets = async (targets: readonly Target[], timeoutSeconds?: number): Promise<readonly ResolvedTarget[]> => {
    const found = await Promise.all(targets.map((target) => resolveTarget(deps, scope, target)));
    return found.flatMap(tried).map((one) => withTimeout(one, timeoutSeconds));
  };
  switch (step.type) {
    case 'announce':
      return [{ type: 'announce', text: step.text, ...(step.language ? { language: step.language } : {}) }];
    case 'dial':
      return asTargets(
        step.targets.map((one): Target => (one.type === 'number' ? { type: 'forward', number: one.number } : one)),
        step.timeoutSeconds,
      );
    case 'queue':
      return asTargets([{ type: 'queue', id: step.queueId }]);
    case 'forward':
      return asTargets([{ type: 'forward', number: step.number }], step.timeoutSeconds);
    case 'voicemail':
      return asTargets([{ type: 'voicemail', ...(step.userId ? { id: step.userId } : {}) }]);
    case 'hangup':
      return [];
  }
}

const withTimeout = (target: ResolvedTarget, timeoutSeconds: number | undefined): ResolvedTarget =>
  timeoutSeconds !== undefined && (target.type === 'extension' || target.type === 'forward')
    ? { ...target, timeoutSeconds }
    : target;

/** The tenant's fallback, resolved, with the overflow of a queue; the default sentence when there is none or it points to nothing. */
async function resolveFallback(
  deps: Sources,
  scope: TenantScope,
  fallback: FallbackTarget | undefined,
): Promise<Pick<Resolved, 'fallback' | 'afterFallback'>> {
  const found = fallback ? await resolveOverflow(deps, scope, fallback, []) : [];
  const [first = { type: 'announce', text: DEFAULT_FALLBACK }, ...after] = found;
  return { fallback: first, ...(after.length > 0 ? { afterFallback: after } : {}) };
}

/** Everything an assignment means at this moment; an unknown target leaves the number pre-provisioned, with the problem named. */
export async function resolveAssignment(
  deps: Sources,
  scope: TenantScope,
  tenant: Tenant | undefined,
  wanted: Assignment | undefined,
): Promise<Resolved> {
  const fallback = await resolveFallback(deps, scope, tenant?.fallback);
  if (!wanted) return { ...NOBODY, assignment: { ownership: 'pre_provisioned' }, ...fallback };
  if (!wanted.target) return { ...NOBODY, assignment: wanted, ...fallback };
  const found = await resolveTarget(deps, scope, wanted.target);
  if (!found)
    return { ...NOBODY, assignment: { ownership: 'pre_provisioned' }, ...fallback, problem: 'unknown_target' };
  return {
    ...found.label,
    assignment: wanted,
    ...fallback,
    ...(found.target ? { target: found.target } : {}),
    ...(found.flow ? { flow: found.flow } : {}),
  };
}
