import { afterEach, describe, expect, it, vi } from 'vitest';
import { play, stageOn } from '../../local/demo/stage.ts';
import { tell } from '../../local/demo/story.ts';
import { openWorld, type World } from '../../local/demo/world.ts';
import { quietTerminal } from '../cli/console.ts';
import { refused, used } from './roles.ts';

// The doors through which each function's code is entered, with a sign at each; what is behind them is real.
vi.mock('../../local/engine/table.ts', async (original) => {
  const real = await original<typeof import('../../local/engine/table.ts')>();
  const { watched } = await import('./roles.ts');
  return { ...real, openTable: (options: Parameters<typeof real.openTable>[0]) => watched(real.openTable(options)) };
});
vi.mock('../../functions/platform/on-task.ts', async (original) => {
  const real = await original<typeof import('../../functions/platform/on-task.ts')>();
  const { asFunction } = await import('./roles.ts');
  const onTask: typeof real.onTask = (tasks, deps) => {
    const run = real.onTask(tasks, deps);
    const name = tasks.some((task) => task.name === 'PurchaseNumber') ? 'carriers' : 'requests';
    return (event) => asFunction(name, () => run(event));
  };
  return { ...real, onTask };
});
vi.mock('../../functions/inbound/app.ts', async (original) => {
  const real = await original<typeof import('../../functions/inbound/app.ts')>();
  const { asFunction } = await import('./roles.ts');
  const inboundApp: typeof real.inboundApp = (deps) => {
    const answer = real.inboundApp(deps);
    return (request) => asFunction('inbound', () => answer(request));
  };
  return { ...real, inboundApp };
});
vi.mock('../../functions/jobs/deliver.ts', async (original) => {
  const real = await original<typeof import('../../functions/jobs/deliver.ts')>();
  const { asFunction } = await import('./roles.ts');
  const deliverLine: typeof real.deliverLine = (...given) => asFunction('jobs', () => real.deliverLine(...given));
  return { ...real, deliverLine };
});
vi.mock('../../functions/jobs/sweep.ts', async (original) => {
  const real = await original<typeof import('../../functions/jobs/sweep.ts')>();
  const { asFunction } = await import('./roles.ts');
  const sweep: typeof real.sweep = (...given) => asFunction('jobs', () => real.sweep(...given));
  return { ...real, sweep };
});
vi.mock('../../functions/api/app.ts', async (original) => {
  const real = await original<typeof import('../../functions/api/app.ts')>();
  const { asFunction } = await import('./roles.ts');
  const { functionAt } = await import('./doors.ts');
  const gatewayApp: typeof real.gatewayApp = (...given) => {
    const app = real.gatewayApp(...given);
    const answer = app.fetch;
    app.fetch = (request, ...more) => {
      const { pathname } = new URL(request.url);
      // People of the one-machine issuer and its aids exist on no other engine.
      if (/^\/(local|oauth2|blobs)\//.test(pathname)) return answer(request, ...more);
      return asFunction(functionAt(request.method, pathname), () => answer(request, ...more));
    };
    return app;
  };
  return { ...real, gatewayApp };
});

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close(false);
});

describe('the rights of the functions in the table', () => {
  it('are enough for the whole main job, from search to an answered call', { timeout: 60_000 }, async () => {
    const terminal = quietTerminal({});
    const world = await openWorld(terminal, undefined);
    worlds.push(world);

    const code = await play(() => tell(stageOn(terminal), world), terminal);

    expect(code).toBe(0);
    expect([...refused]).toEqual([]);
    expect([...new Set([...used].map((use) => use.split(' ')[0]))].toSorted()).toEqual([
      'api',
      'carriers',
      'inbound',
      'jobs',
      'requests',
    ]);
  });
});
