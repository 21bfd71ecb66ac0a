import packageFile from '../../../package.json' with { type: 'json' };
import type { Clock } from '../clock.ts';
import type { Deps, Settings } from '../deps.ts';
import type { Secrets } from '../secrets.ts';
import { functionClock, functionLog } from './base.ts';
import { awsSecrets } from './secrets.ts';
import { officialSecretCalls } from './secrets-official.ts';
import { type Variable, withoutSlash } from './settings.ts';
import { dynamoTable } from './table.ts';
import { officialCalls } from './table-official.ts';

type Given = Readonly<Partial<Record<Variable, string>>> & { readonly TABLE_NAME: string };

/**
 * What every function with rooms has: table, clock, log, settings. The other parts are refused; a handler puts in those its
 * function has a right to.
 */
export function commonDeps(given: Given): Deps {
  const clock: Clock = functionClock;
  const log = functionLog();
  return {
    table: dynamoTable({ call: officialCalls({}), tableName: given.TABLE_NAME, clock, log }),
    clock,
    log,
    settings: settingsOf(given),
    workflows: absent('workflows'),
    mailer: absent('mailer'),
    blobs: absent('blobs'),
    secrets: absent('secrets'),
  };
}

/** Secrets of a function that reads some, over the official client. */
export const functionSecrets = (given: { readonly SECRETS_PREFIX: string }): Secrets =>
  awsSecrets({
    call: officialSecretCalls(),
    prefix: given.SECRETS_PREFIX,
    clock: functionClock,
    log: functionLog(),
  });

/** Settings every room may know. What a function is not given it does not use: 0 and empty stand for that. */
function settingsOf(given: Given): Settings {
  return {
    engine: 'aws',
    version: packageFile.version,
    publicUrl: withoutSlash(given.PUBLIC_URL ?? ''),
    csMail: given.CS_MAIL ?? '',
    sipDomain: given.SIP_DOMAIN ?? '',
    rateLimitPerMinute: Number(given.RATE_LIMIT_PER_MINUTE ?? 0),
    searchDeadlineMs: Number(given.SEARCH_DEADLINE_MS ?? 0),
  };
}

/** Stands for a part this function has no right to: reaching for it is a bug, and says so. */
function absent<Part extends Deps[keyof Deps]>(name: keyof Deps): Part {
  return new Proxy({} as Part, {
    get: (_, member) =>
      member === 'then'
        ? undefined
        : () => Promise.reject(new Error(`this function has no ${name}: ${String(member)}`)),
  });
}
