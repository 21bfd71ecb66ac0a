import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { type Block, openShell, pageBlocks, type Shell } from './deploy-page.ts';
import { cleanEnv } from './processes.ts';

const Outputs = z.object({
  ApiUrl: z.string(),
  Issuer: z.string(),
  UserPoolId: z.string(),
  UserPoolClientId: z.string(),
  TableName: z.string(),
  SecretsPrefix: z.string(),
  PapersBucket: z.string(),
});
/** What a deployment tells. */
export type Deployed = z.infer<typeof Outputs>;
const STAGE = 'emulator';
export const STACK = `numbergate-${STAGE}`;
const OUTPUTS = 'outputs.json';
/** From here on the page is about a gateway that works. */
const LATER = ['Rotate', 'Back up', 'Restore', 'Upgrade', 'Roll back', 'Watch'];
const LAST = 'Tear down';

interface Place {
  readonly emulatorUrl: string;
  /** For logs and what the toolkit writes. */
  readonly folder: string;
  /** Python of the virtual environment; the AWS CLI lies beside it. */
  readonly python: string;
  /** Laid over those of the stage. */
  readonly settings: object;
}
export interface Page {
  /** Runs the blocks up to the deployment. */
  deploy(): Promise<Deployed>;
  /** Runs those from the first people to the first call. */
  begin(): Promise<void>;
  /** Runs what comes after: rotation, backup, restore, upgrade. */
  keepUp(): Promise<void>;
  /** Runs the end. */
  tearDown(): Promise<void>;
  readonly shell: Shell;
}

/** docs/deploy.md, its commands run as they stand there, against the emulator. */
export function openPage({ emulatorUrl, folder, python, settings }: Place): Page {
  const clean = cleanEnv({
    ...{ AWS_ENDPOINT_URL: emulatorUrl, AWS_ENDPOINT_URL_S3: emulatorUrl, STAGE, SET: JSON.stringify(settings) },
    ...{ CDK_DISABLE_CLI_TELEMETRY: '1', CDK_OUTPUT: join(folder, 'cdk.out'), AWS_PAGER: '' },
    ...{ CDK_DEFAULT_ACCOUNT: '000000000000', CDK_DEFAULT_REGION: 'us-east-1' },
  });
  const home = checkout(folder);
  const shell = openShell(home, { ...clean, PATH: `${clean['PATH']}:${dirname(python)}` });
  const blocks = pageBlocks();
  const run = async (isWanted: (block: Block) => boolean): Promise<void> => {
    const wanted = blocks.filter(isWanted);
    if (wanted.length === 0) throw new Error('docs/deploy.md has no commands for this part');
    for (const block of wanted) await shell.run(block);
  };
  const isFirst = ({ section }: Block): boolean => /^[12]\. /.test(section);
  const isLater = ({ section }: Block): boolean => LATER.includes(section);
  const isLast = ({ section }: Block): boolean => section === LAST;
  return {
    shell,
    async deploy() {
      await run(isFirst);
      return Outputs.parse(JSON.parse(readFileSync(join(home, OUTPUTS), 'utf8'))[STACK]);
    },
    begin: () => run((block) => !isFirst(block) && !isLater(block) && !isLast(block)),
    keepUp: () => run(isLater),
    tearDown: () => run(isLast),
  };
}

/** A working folder of this run's own with everything of ours in it: the page's commands leave files where they run. */
function checkout(folder: string): string {
  const home = join(folder, 'checkout');
  mkdirSync(home);
  for (const entry of readdirSync('.')) if (entry !== OUTPUTS) symlinkSync(resolve(entry), join(home, entry));
  return home;
}
