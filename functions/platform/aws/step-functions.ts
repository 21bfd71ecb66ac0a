import { SFNClient } from '@aws-sdk/client-sfn';
import type { Workflows } from '../workflows.ts';
import { within } from './limits.ts';
import { awsWorkflows } from './workflows.ts';

/** The state machines of this stage. Starts and signals may be repeated: they are idempotent. */
export function stepFunctions({ STATE_MACHINE_ARN_PREFIX: prefix }: { STATE_MACHINE_ARN_PREFIX: string }): Workflows {
  const client = new SFNClient({ requestHandler: within(3_000), maxAttempts: 2 });
  return awsWorkflows({ client, machineArn: (machine) => `${prefix}${machine}` });
}
