import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { FUNCTIONS, MACHINES, type Placeholder } from '../../statemachines/rooms.ts';
import { prefixOf, type StageSettings } from '../settings.ts';
import type { FunctionName } from '../table-rights.ts';
import { machineNameOf } from './environment.ts';
import type { GatewayFunction } from './gateway-function.ts';
import { servicePrincipal } from './privileges.ts';
import { removal } from './removal.ts';

type Callees = Readonly<Record<FunctionName, GatewayFunction>>;
interface MachineHome {
  readonly settings: StageSettings;
  readonly functions: Callees;
  readonly logKey: IKey;
}
const FOLDER = join(import.meta.dirname, '..', '..', 'statemachines');

/**
 * The state machines from the very files the one-machine engine runs. Kept when they leave the stack, with fixed names and
 * logical ids: executions run for up to a year and end at their next step when their machine is gone (reliability 4.8).
 */
export class Workflows extends Construct {
  readonly machines: readonly sfn.StateMachine[];

  constructor(scope: Construct, home: MachineHome) {
    super(scope, 'Workflows');
    const { settings, logKey } = home;
    const log = new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/vendedlogs/states/${prefixOf(settings)}`,
      retention: settings.logDays,
      encryptionKey: logKey,
      removalPolicy: removal(settings),
    });
    this.machines = Object.entries(MACHINES).map(([name, { file, calls }]) =>
      machine(this, { name, file, calls, log }, home),
    );
  }
}

interface MachineFile {
  readonly name: string;
  readonly file: string;
  readonly calls: readonly Placeholder[];
  readonly log: logs.LogGroup;
}

function machine(scope: Construct, { name, file, calls, log }: MachineFile, home: MachineHome): sfn.StateMachine {
  const callees = calls.map((placeholder) => [placeholder, home.functions[FUNCTIONS[placeholder]]] as const);
  const role = new iam.Role(scope, `${name}-role`, {
    description: `What the workflow ${name} of Numbergate may do`,
    assumedBy: servicePrincipal('states', scope),
  });
  role.addToPolicy(
    new iam.PolicyStatement({
      sid: 'CallFunctions',
      actions: ['lambda:InvokeFunction'],
      resources: callees.map(([, callee]) => callee.fn.functionArn),
    }),
  );
  const made = new sfn.StateMachine(scope, name, {
    stateMachineName: machineNameOf(home.settings, name),
    stateMachineType: sfn.StateMachineType.STANDARD,
    definitionBody: sfn.DefinitionBody.fromString(definitionOf(file)),
    definitionSubstitutions: Object.fromEntries(
      callees.map(([placeholder, callee]) => [placeholder, callee.fn.functionArn]),
    ),
    role,
    // Input and output hold task tokens: what happened is logged, not what was said (I14).
    logs: { destination: log, level: sfn.LogLevel.ALL, includeExecutionData: false },
    tracingEnabled: true,
    removalPolicy: removal(home.settings),
  });
  const resource = made.node.defaultChild;
  if (!(resource instanceof sfn.CfnStateMachine)) throw new Error(`the machine ${name} has no resource`);
  resource.overrideLogicalId(logicalIdOf(name));
  return made;
}

/** Without its spaces: the definition is part of the template, which has a limit. */
const definitionOf = (file: string): string => JSON.stringify(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));

/** `WorkflowRequestNumber` of `request-number`. */
export const logicalIdOf = (name: string): string =>
  `Workflow${name
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')}`;
