type Environment = Readonly<Record<string, string | undefined>>;
type Check = (text: string) => string | undefined;
const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;

const text: Check = () => undefined;
const address: Check = (value) => (isAddress(value) ? undefined : 'is not an http(s) address');
const mail: Check = (value) => (/^[^@\s]+@[^@\s]+$/.test(value) ? undefined : 'is not a mail address');
const whole =
  (least: number, most: number): Check =>
  (value) =>
    /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `is not a whole number from ${least} to ${most}`;
const addresses: Check = (value) => {
  const found = parsed(value);
  return isObject(found) && Object.values(found).every((one) => typeof one === 'string' && isAddress(one))
    ? undefined
    : 'is not a JSON object of addresses';
};

/** Every variable a function may be given, with what it must look like. */
const CHECKS = {
  /** Name of the stage, as in logs and names of resources. */
  STAGE: text,
  TABLE_NAME: text,
  /** This installation's address as carriers and people reach it. */
  PUBLIC_URL: address,
  CS_MAIL: mail,
  MAIL_FROM: mail,
  SIP_DOMAIN: text,
  RATE_LIMIT_PER_MINUTE: whole(1, 1_000_000),
  SEARCH_DEADLINE_MS: whole(100, 20_000),
  /** Callers who may wait at the same time (`Prefer: wait`): at most a tenth of the concurrency of api (performance §1). */
  MOST_WAITING: whole(0, 10_000),
  PAPERS_BUCKET: text,
  PAPERS_KEY_ARN: text,
  /** Of a state machine without the machine's own name: `arn:aws:states:…:stateMachine:prod-`. */
  STATE_MACHINE_ARN_PREFIX: text,
  SECRETS_PREFIX: text,
  OIDC_ISSUER: address,
  /** Clients whose access tokens are taken, separated by commas. */
  OIDC_CLIENT_IDS: text,
  /** The issuer's keys; default `<issuer>/.well-known/jwks.json`. */
  OIDC_JWKS_URL: address,
  /** What `aud` must name, for issuers whose access tokens have one; Cognito's have none. */
  OIDC_AUDIENCE: text,
  /** The only signing algorithm taken; default RS256. */
  OIDC_ALGORITHM: (value) => (isAlgorithm(value) ? undefined : `is none of ${ALGORITHMS.join(', ')}`),
  DELAY_QUEUE_URL: address,
  /** Roots to use instead of carriers' own hosts, by carrier: sandboxes and tests. */
  CARRIER_BASE_URLS: addresses,
} as const satisfies Readonly<Record<string, Check>>;
export type Variable = keyof typeof CHECKS;

const ROOMS = ['STAGE', 'TABLE_NAME', 'PUBLIC_URL', 'CS_MAIL', 'SIP_DOMAIN'] as const;
const CALLERS = ['RATE_LIMIT_PER_MINUTE', 'OIDC_ISSUER', 'OIDC_CLIENT_IDS'] as const;
const ISSUER = ['OIDC_JWKS_URL', 'OIDC_AUDIENCE', 'OIDC_ALGORITHM'] as const;
const PAPERS = ['PAPERS_BUCKET', 'PAPERS_KEY_ARN'] as const;

/** What each function must be given: no more than it uses. Infrastructure sets exactly these. */
export const NEEDED = {
  api: [...ROOMS, ...CALLERS, ...PAPERS, 'MOST_WAITING', 'SECRETS_PREFIX', 'STATE_MACHINE_ARN_PREFIX'],
  carriers: [...ROOMS, ...CALLERS, ...PAPERS, 'SEARCH_DEADLINE_MS', 'SECRETS_PREFIX'],
  requests: ROOMS,
  inbound: ['STAGE', 'TABLE_NAME', 'PUBLIC_URL', 'SECRETS_PREFIX'],
  jobs: [...ROOMS, ...PAPERS, 'MAIL_FROM', 'OIDC_ISSUER', 'STATE_MACHINE_ARN_PREFIX', 'DELAY_QUEUE_URL'],
} as const satisfies Readonly<Record<string, readonly Variable[]>>;

/** What may be left out, and who reads it. */
export const OPTIONAL = {
  api: ISSUER,
  carriers: [...ISSUER, 'CARRIER_BASE_URLS'],
  requests: [],
  inbound: [],
  jobs: [],
} as const satisfies Readonly<Record<keyof typeof NEEDED, readonly Variable[]>>;

export type FunctionName = keyof typeof NEEDED;
/** The variables of a function: needed ones are there, optional ones perhaps. */
export type Variables<F extends FunctionName> = Readonly<
  Record<(typeof NEEDED)[F][number], string> & Partial<Record<(typeof OPTIONAL)[F][number], string>>
>;

/** A function's variables, checked. Throws one error that names everything that is missing or wrong, without its value. */
export function readVariables<F extends FunctionName>(name: F, env: Environment): Variables<F> {
  const needed: readonly Variable[] = NEEDED[name];
  const optional: readonly Variable[] = OPTIONAL[name];
  const given = [...needed, ...optional].flatMap((variable) => {
    const value = env[variable]?.trim();
    return value ? [[variable, value] as const] : [];
  });
  const present = new Set(given.map(([variable]) => variable));
  const faults = [
    ...needed.filter((variable) => !present.has(variable)).map((variable) => `${variable} is missing`),
    ...given.flatMap(([variable, value]) => {
      const fault = CHECKS[variable](value);
      return fault ? [`${variable} ${fault}`] : [];
    }),
  ];
  if (faults.length > 0) throw new Error(`Settings of ${name}: ${faults.join('; ')}`);
  return Object.fromEntries(given) as Variables<F>;
}

/** `https://…` without the trailing slash. */
export const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/** Roots of CARRIER_BASE_URLS by carrier. */
export function baseUrls(value: string | undefined): Readonly<Record<string, string>> {
  const found = value === undefined ? {} : parsed(value);
  const entries = isObject(found) ? Object.entries(found) : [];
  return Object.fromEntries(entries.map(([carrier, url]) => [carrier, withoutSlash(String(url))]));
}

export function isAlgorithm(value: string): value is (typeof ALGORITHMS)[number] {
  return ALGORITHMS.some((known) => known === value);
}

function isAddress(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
