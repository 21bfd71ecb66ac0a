import type { Node } from 'constructs';
import * as z from 'zod';

const Throttle = z.strictObject({
  /** Requests a second, over all callers. */
  rate: z.int().min(1).max(10_000),
  burst: z.int().min(1).max(10_000),
});
const Kept = z.int('a whole number; 0 reserves nothing').min(0, '0 (reserves nothing) or more').max(100_000);
const Https = z.url({ protocol: /^https$/ });

/** One deployment, as it stands under its name in cdk.json; everything that may differ between two of them. */
const Stage = z.strictObject({
  /** Table, papers, secrets and logs outlive the stack and cannot be deleted by it. */
  keepData: z.boolean(),
  logDays: z.literal([1, 7, 30, 90, 180, 365, 731]),
  account: z
    .string()
    .regex(/^\d{12}$/, 'twelve digits')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region like eu-central-1')
    .optional(),
  csMail: z.email(),
  /** Sender of all mail; its domain is verified at SES. */
  mailFrom: z.email(),
  /** Where alarms go; absent: nobody is told but the console of AWS. */
  alarmMail: z.email().optional(),
  /** After a restore: the table the functions work on instead of the stack's own (docs/deploy.md). */
  restoredTable: z.strictObject({ name: z.string().min(3), streamArn: z.string().startsWith('arn:') }).optional(),
  sipDomain: z.string().min(1),
  rateLimitPerMinute: z.int().min(1).default(600),
  /** Callers who may wait at the same time (`Prefer: wait`): a tenth of the concurrency the account leaves to api. */
  mostWaiting: z.int().min(0).max(1000).default(1),
  searchDeadlineMs: z.int().min(100).max(20_000).default(3000),
  throttle: z.strictObject({ api: Throttle, inbound: Throttle, search: Throttle }).default({
    api: { rate: 200, burst: 400 },
    inbound: { rate: 500, burst: 1000 },
    search: { rate: 20, burst: 40 },
  }),
  /** The gateway's own name; absent: the address AWS gives. */
  domain: z.strictObject({ name: z.string().min(4), certificateArn: z.string().startsWith('arn:') }).optional(),
  /** What carriers sign and people see, where neither `domain` nor the address AWS gives is reached (tests). */
  publicUrl: z.url().optional(),
  /** Origin of the console: browsers there may call the API, upload papers and come back from the sign-in. */
  consoleUrl: Https.optional(),
  /** Another issuer than the stack's own user pool. */
  oidc: z
    .strictObject({
      issuer: Https,
      clientIds: z.array(z.string().min(1)).min(1),
      jwksUrl: z.url().optional(),
      audience: z.string().min(1).optional(),
      algorithm: z.enum(['ES256', 'RS256', 'PS256', 'EdDSA']).optional(),
    })
    .optional(),
  /** Sign-in by password over the API, without a second factor: test stages only. */
  passwordSignIn: z.boolean().default(false),
  /**
   * Environments kept for a function, which is a floor and a ceiling at once (V9); 100 must stay unreserved in the account. 0 keeps
   * none: for accounts that have fewer in all (docs/deploy.md).
   */
  reserved: z.strictObject({ inbound: Kept.default(100), carriers: Kept.default(0) }).prefault({}),
  /** Carriers' own hosts replaced by a sandbox or simulator. */
  carrierBaseUrls: z.record(z.string(), z.url()).optional(),
});
/** A stage's settings with its name. */
export type StageSettings = z.output<typeof Stage> & { readonly stage: string };

const StageName = z
  .string()
  .regex(/^[a-z][a-z0-9]{1,11}$/, 'small letters and digits, at most 12, a letter first')
  .regex(/^(?!.*(aws|amazon|cognito))/, 'without aws, amazon and cognito: AWS takes no sign-in page of such a name');

/**
 * Settings of the stage named by `-c stage=…` (default `dev`), over them those of `-c set='{…}'`. Throws one error that names
 * everything that is wrong.
 */
export function readStage(node: Pick<Node, 'tryGetContext'>): StageSettings {
  const stage = node.tryGetContext('stage') ?? 'dev';
  const stages = node.tryGetContext('stages') ?? {};
  const named = StageName.safeParse(stage);
  if (!named.success) throw new Error(`Stage "${stage}": ${messages(named.error)}`);
  const given = stages[named.data];
  if (!given) throw new Error(`There is no stage "${stage}" in cdk.json; there are: ${Object.keys(stages).join(', ')}`);
  return checked(named.data, { ...given, ...overrides(node.tryGetContext('set')) });
}

function checked(stage: string, given: unknown): StageSettings {
  const read = Stage.safeParse(given);
  if (!read.success) throw new Error(`Stage "${stage}" in cdk.json: ${messages(read.error)}`);
  const settings = read.data;
  if (settings.keepData && settings.passwordSignIn)
    throw new Error(`Stage "${stage}" in cdk.json: passwordSignIn is for stages that keep no data (keepData false)`);
  if (settings.keepData && settings.carrierBaseUrls)
    throw new Error(`Stage "${stage}" in cdk.json: carrierBaseUrls is for stages that keep no data (keepData false)`);
  return { ...settings, stage };
}

function overrides(text: unknown): object {
  if (text === undefined) return {};
  try {
    const read: unknown = JSON.parse(String(text));
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read;
  } catch {
    // Said below, with an example.
  }
  throw new Error(`-c set takes a JSON object such as {"logDays":7}, not ${String(text)}`);
}

const messages = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`).join('; ');

/** Beginning of every name of a stage's resources. */
export const prefixOf = ({ stage }: Pick<StageSettings, 'stage'>): string => `numbergate-${stage}`;
/** Where a stage's secrets lie. */
export const secretsPrefixOf = ({ stage }: Pick<StageSettings, 'stage'>): string => `numbergate/${stage}`;
