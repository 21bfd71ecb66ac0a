import { join } from 'node:path';
import { App, Tags } from 'aws-cdk-lib';
import { GatewayStack } from './gateway-stack.ts';
import { addRulePacks } from './rule-packs.ts';
import { prefixOf, readStage } from './settings.ts';

/** `npx cdk synth -c stage=dev`: needs neither an account nor the network. */
const app = new App({ analyticsReporting: false });
const settings = readStage(app.node);
const { account, region } = settings;
const stack = new GatewayStack(app, prefixOf(settings), {
  settings,
  bundles: join(import.meta.dirname, '..', 'dist', 'functions'),
  description: `Numbergate, stage ${settings.stage}`,
  ...(account || region ? { env: { ...(account ? { account } : {}), ...(region ? { region } : {}) } } : {}),
});
Tags.of(app).add('numbergate:stage', settings.stage);
addRulePacks(app, stack, settings);
app.synth();
