import * as z from 'zod';

const port = (standard: number) => z.coerce.number().int().min(0).max(65_535).default(standard);
const Environment = z.object({
  PORT: port(3000),
  SIMULATORS_PORT: port(3001),
  DATA_DIR: z.string().min(1).default('./data'),
  PUBLIC_URL: z.url().optional(),
  TEST_CLOCK: z.enum(['0', '1']).default('0'),
  CS_MAIL: z.email().default('cs@numbergate.example'),
  SIP_DOMAIN: z.string().min(1).default('sip.numbergate.example'),
  RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(1).default(600),
  SEARCH_DEADLINE_MS: z.coerce.number().int().min(100).max(20_000).default(3000),
  SMTP_URL: z.url().optional(),
  SMTP_FROM: z.email().default('numbergate@numbergate.example'),
  SIMULATORS_URL: z.url().optional().describe('Simulators that run elsewhere; none are started then.'),
});

export interface LocalSettings {
  readonly port: number;
  readonly simulatorsPort: number;
  readonly simulatorsUrl?: string;
  readonly dataDir: string;
  /** Absent: the loopback address with the port that was bound. */
  readonly publicUrl?: string;
  readonly testClock: boolean;
  readonly csMail: string;
  readonly sipDomain: string;
  readonly rateLimitPerMinute: number;
  readonly searchDeadlineMs: number;
  readonly smtp?: { readonly url: string; readonly from: string };
}

/** Settings from the environment, read and checked in this one place. Throws an error that names what is wrong. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): LocalSettings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const read = Environment.safeParse(given);
  if (!read.success)
    throw new Error(
      `Settings: ${read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  const from = read.data;
  return {
    port: from.PORT,
    simulatorsPort: from.SIMULATORS_PORT,
    ...(from.SIMULATORS_URL ? { simulatorsUrl: from.SIMULATORS_URL.replace(/\/$/, '') } : {}),
    dataDir: from.DATA_DIR,
    ...(from.PUBLIC_URL ? { publicUrl: from.PUBLIC_URL.replace(/\/$/, '') } : {}),
    testClock: from.TEST_CLOCK === '1',
    csMail: from.CS_MAIL,
    sipDomain: from.SIP_DOMAIN,
    rateLimitPerMinute: from.RATE_LIMIT_PER_MINUTE,
    searchDeadlineMs: from.SEARCH_DEADLINE_MS,
    ...(from.SMTP_URL ? { smtp: { url: from.SMTP_URL, from: from.SMTP_FROM } } : {}),
  };
}
