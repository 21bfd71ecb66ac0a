import { join } from 'node:path';
import { allCarriers } from '../functions/carriers/all-carriers.ts';
import type { Observe } from '../functions/carriers/client.ts';
import { MANIFESTS } from '../functions/carriers/registry.ts';
import { complianceTasks } from '../functions/compliance/tasks.ts';
import { checkDocument } from '../functions/compliance/upload-store.ts';
import type { SweepDeps } from '../functions/jobs/sweep.ts';
import type { Clock } from '../functions/platform/clock.ts';
import type { Deps } from '../functions/platform/deps.ts';
import { fetchHttp } from '../functions/platform/fetch-http.ts';
import type { Http } from '../functions/platform/http.ts';
import type { Log } from '../functions/platform/log.ts';
import { onTask } from '../functions/platform/on-task.ts';
import type { Secrets } from '../functions/platform/secrets.ts';
import type { Write } from '../functions/platform/table.ts';
import type { BuyDeps } from '../functions/requests/buy-deps.ts';
import { requestDue, taskDue } from '../functions/requests/due.ts';
import { endedBadly } from '../functions/requests/ended-badly.ts';
import { goOnIfDead } from '../functions/requests/go-on.ts';
import { carrierTasks, requestTasks } from '../functions/requests/tasks.ts';
import packageFile from '../package.json' with { type: 'json' };
import { badEndWrites } from './bad-end.ts';
import { credentialsOf, isReal } from './credentials.ts';
import { type LocalBlobs, openBlobs } from './engine/blobs.ts';
import { localMailer } from './engine/mailer.ts';
import { smtpTransport } from './engine/mailer-smtp.ts';
import type { LocalTable } from './engine/table.ts';
import { readMachines } from './engine/workflows/machine-files.ts';
import { createWorkflows, type LocalWorkflows } from './engine/workflows/workflows.ts';
import type { LocalSettings } from './settings.ts';

interface Parts {
  readonly settings: LocalSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly table: LocalTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly publicUrl: string;
  readonly simulatorsUrl: string | undefined;
  readonly observe?: Observe;
  readonly boundary?: (name: string, writes?: readonly Write[]) => void;
}
export interface Rooms {
  readonly deps: BuyDeps;
  readonly jobs: SweepDeps;
  readonly workflows: LocalWorkflows;
  readonly blobs: LocalBlobs;
  credentialsState(id: string): Promise<'simulated' | 'present' | 'missing'>;
}

/** The same rooms as on AWS with the one-machine engine's parts; no room knows the difference. */
export function composeRooms(parts: Parts): Rooms {
  const { table, clock, log, secrets, env } = parts;
  const functions = new Map<string, (event: unknown) => Promise<unknown>>();
  const workflows = createWorkflows({
    table,
    clock,
    log,
    machines: readMachines(),
    withBadEnd: badEndWrites,
    invoke: async (name, payload) => {
      const run = functions.get(name);
      if (!run) throw new Error(`there is no function ${name}`);
      return run(JSON.parse(JSON.stringify(payload)));
    },
    ...(parts.boundary ? { boundary: parts.boundary } : {}),
  });
  const blobs = openBlobs({
    folder: join(parts.settings.dataDir, 'blobs'),
    publicUrl: parts.publicUrl,
    clock,
    linkSecret: () => secrets.read('blobs/link-secret'),
  });
  const carriers = allCarriers({
    http: parts.boundary ? bounded(fetchHttp(), parts.boundary) : fetchHttp(),
    clock,
    publicUrl: parts.publicUrl,
    credentials: (manifest) => credentialsOf(manifest, secrets),
    baseUrl: (id) =>
      parts.simulatorsUrl && MANIFESTS.some((one) => one.id === id && !isReal(one, env))
        ? `${parts.simulatorsUrl}/${id}`
        : undefined,
    ...(parts.observe ? { observe: parts.observe } : {}),
  });
  const deps: BuyDeps = { ...platform(parts), workflows, blobs, carriers };
  functions.set('carriers', onTask([...carrierTasks, ...complianceTasks], deps));
  functions.set('requests', onTask([...requestTasks], deps));
  const jobs: SweepDeps = {
    ...deps,
    checkDocument: async (...document) => void (await checkDocument(deps, ...document)),
    requestDue: (tenantId, id) => requestDue(deps, tenantId, id),
    taskDue: (id) => taskDue(deps, id),
    goOnIfDead: (id) => goOnIfDead(deps, id),
    endedBadly: (end) => endedBadly(deps, end),
  };
  return { deps, jobs, workflows, blobs, credentialsState: stateOf(parts) };
}

/** Exchanges with carriers, with their boundaries told: an answer that came is `after`, one that was lost as well. */
function bounded(http: Http, boundary: (name: string) => void): Http {
  return async (request, limits) => {
    boundary(`http:before ${request.method}`);
    try {
      return await http(request, limits);
    } finally {
      boundary(`http:after ${request.method}`);
    }
  };
}

function platform(parts: Parts): Omit<Deps, 'workflows' | 'blobs'> {
  const { table, clock, log, secrets, settings, publicUrl } = parts;
  const { csMail, sipDomain, rateLimitPerMinute, searchDeadlineMs, smtp } = settings;
  const transport = smtp ? { transport: smtpTransport(smtp) } : {};
  return {
    table,
    clock,
    log,
    secrets,
    mailer: localMailer({ table, clock, ...transport }),
    settings: {
      engine: 'local',
      version: packageFile.version,
      publicUrl,
      csMail,
      sipDomain,
      rateLimitPerMinute,
      searchDeadlineMs,
    },
  };
}

const stateOf = (parts: Parts) => async (id: string) => {
  const manifest = MANIFESTS.find((one) => one.id === id);
  if (manifest && isReal(manifest, parts.env)) return 'present' as const;
  return parts.simulatorsUrl ? ('simulated' as const) : ('missing' as const);
};
