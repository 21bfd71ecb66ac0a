import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { ACKNOWLEDGEMENTS, type Acknowledgement } from '../../infra/acknowledgements.ts';
import { GatewayStack } from '../../infra/gateway-stack.ts';
import { addRulePacks } from '../../infra/rule-packs.ts';
import { prefixOf, readStage } from '../../infra/settings.ts';
import { FUNCTION_NAMES } from '../../infra/table-rights.ts';

export type Resource = {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is judged by what it holds, not by types of ours
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
};
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

const context = JSON.parse(readFileSync('cdk.json', 'utf8')).context as Record<string, unknown>;

/** An app with one stack of a stage, its functions holding nothing; `done` clears its files away. */
export function stackOf(stage: string, set?: Readonly<Record<string, unknown>>) {
  const folder = mkdtempSync(join(tmpdir(), 'numbergate-infra-'));
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(folder, 'functions', name), { recursive: true });
    writeFileSync(join(folder, 'functions', name, 'handler.mjs'), `export const handler = async () => '${name}';\n`);
  }
  const given = { ...context, stage, ...(set ? { set: JSON.stringify(set) } : {}) };
  const app = new App({ analyticsReporting: false, context: given, outdir: join(folder, 'cdk.out') });
  const settings = readStage(app.node);
  const stack = new GatewayStack(app, prefixOf(settings), { settings, bundles: join(folder, 'functions') });
  const done = () => rmSync(folder, { recursive: true, force: true });
  return { app, stack, settings, done };
}

/** Synthesises a stage under the rule packs, which throw on a finding, and gives its template. */
export function synthesise(
  stage: string,
  options: {
    readonly set?: Readonly<Record<string, unknown>>;
    readonly acknowledgements?: readonly Acknowledgement[] | 'no packs';
  } = {},
): Template {
  const { app, stack, settings, done } = stackOf(stage, options.set);
  const { acknowledgements = ACKNOWLEDGEMENTS } = options;
  try {
    if (acknowledgements !== 'no packs') addRulePacks(app, stack, settings, acknowledgements);
    return app.synth().getStackByName(stack.stackName).template as Template;
  } finally {
    done();
  }
}

export const ofType = (template: Template, type: string): readonly (Resource & { readonly id: string })[] =>
  Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => ({ id, ...resource }));
