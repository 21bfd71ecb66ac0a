import { type Context, Hono } from 'hono';
import type { JsonObject, SimPapers, SimWorld } from '../kernel/simulator-port.ts';
import { formOf, metaPage, notFound, problem } from './answers.ts';
import { assignments, bundleRow, bundleStatus, complianceUrl, iso, type Part } from './compliance-rows.ts';
import { evaluate } from './evaluation.ts';
import { readRegulations, wireType } from './regulations.ts';

/** Bundles with what is assigned to them, their evaluation, and the hand-in for review. */
export function bundleRoutes(world: SimWorld): Hono {
  const app = new Hono();
  app.post('/', async (c) => createBundle(c, world, await formOf(c)));
  app.get('/', (c) => {
    const { FriendlyName, Status } = c.req.query();
    const found = world.papers
      .list()
      .filter((papers) => FriendlyName === undefined || papers.reference === FriendlyName)
      .filter((papers) => Status === undefined || bundleStatus(papers) === Status);
    return metaPage(
      c,
      world,
      found.map((papers) => bundleRow(world, papers)),
    );
  });
  app.get('/:bundle', (c) => {
    const papers = bundleOf(c, world);
    return papers === undefined ? notFound(c.req.path) : c.json(bundleRow(world, papers));
  });
  app.post('/:bundle', async (c) => {
    const form = await formOf(c);
    return world.transact(() => updateBundle(c, world, form));
  });
  assignmentRoutes(app, world);
  evaluationRoutes(app, world);
  return app;
}

function bundleOf(c: Context, world: SimWorld): SimPapers | undefined {
  const sid = c.req.param('bundle') ?? '';
  const papers = world.papers.find(sid);
  return papers?.id === sid ? papers : undefined;
}

function createBundle(c: Context, world: SimWorld, form: Readonly<Record<string, string>>): Response {
  const { FriendlyName, Email, StatusCallback, RegulationSid, IsoCountry, NumberType, EndUserType } = form;
  if (!FriendlyName || !Email) return problem(400, 20001, 'FriendlyName and Email are required');
  const regulation = readRegulations().find(
    ({ sid, country, type, subject }) =>
      sid === RegulationSid || (country === IsoCountry && wireType(type) === NumberType && subject === EndUserType),
  );
  if (regulation === undefined) return problem(400, 20001, 'Invalid Parameter RegulationSid');
  const now = iso(world.clock.now());
  const data = {
    regulation_sid: regulation.sid,
    email: Email,
    status_callback: StatusCallback ?? null,
    date_created: now,
    date_updated: now,
  };
  const papers: SimPapers = { id: `BU${world.hex(32)}`, reference: FriendlyName, state: 'draft', data };
  world.papers.save(papers);
  return c.json(bundleRow(world, papers), 201);
}

function isOpen(papers: SimPapers): boolean {
  return papers.state === 'draft' || papers.state === 'rejected';
}

function updateBundle(c: Context, world: SimWorld, form: Readonly<Record<string, string>>): Response {
  const papers = bundleOf(c, world);
  if (papers === undefined) return notFound(c.req.path);
  const changed: SimPapers = {
    ...papers,
    reference: form['FriendlyName'] ?? papers.reference,
    data: { ...papers.data, status_callback: form['StatusCallback'] ?? papers.data['status_callback'] ?? null },
  };
  world.papers.save(changed);
  if (form['Status'] === 'pending-review') {
    if (!isOpen(papers)) return problem(400, 22203, 'The bundle is already under review or approved');
    const last = lastEvaluation(world, papers.id);
    if (last?.['status'] !== 'compliant') return problem(400, 22201, 'The bundle is not compliant with its regulation');
    world.papers.handIn(papers.id);
  }
  return c.json(bundleRow(world, world.papers.find(papers.id) ?? changed));
}

function assignmentRoutes(app: Hono, world: SimWorld): void {
  app.get('/:bundle/ItemAssignments', (c) => metaPage(c, world, assignments(world, c.req.param('bundle'))));
  app.post('/:bundle/ItemAssignments', async (c) => {
    const papers = bundleOf(c, world);
    const { ObjectSid: sid = '' } = await formOf(c);
    if (papers === undefined) return notFound(c.req.path);
    const part = world.records.get<Part>('endUsers', sid) ?? world.records.get<Part>('documents', sid);
    if (part === undefined || !isOpen(papers)) return problem(400, 22202, 'The item cannot be assigned');
    const item: JsonObject = {
      sid: `BV${world.hex(32)}`,
      account_sid: world.credentials['TWILIO_ACCOUNT_SID'] ?? '',
      bundle_sid: papers.id,
      object_sid: sid,
      date_created: iso(world.clock.now()),
    };
    const row = { ...item, url: complianceUrl(world, `Bundles/${papers.id}/ItemAssignments/${item['sid']}`) };
    world.records.put('assignments', String(item['sid']), row);
    return c.json(row, 201);
  });
  app.delete('/:bundle/ItemAssignments/:item', (c) => {
    const papers = bundleOf(c, world);
    const item = assignments(world, papers?.id ?? '').find(({ sid }) => sid === c.req.param('item'));
    if (papers === undefined || item === undefined) return notFound(c.req.path);
    if (!isOpen(papers)) return problem(400, 22202, 'The bundle cannot be changed');
    world.records.remove('assignments', item.sid);
    return c.body(null, 204);
  });
}

function lastEvaluation(world: SimWorld, bundleSid: string): JsonObject | undefined {
  return world.records.list('evaluations').findLast((row) => row['bundle_sid'] === bundleSid);
}

function evaluationRoutes(app: Hono, world: SimWorld): void {
  app.post('/:bundle/Evaluations', (c) => {
    const papers = bundleOf(c, world);
    const regulation = readRegulations().find(({ sid }) => sid === papers?.data['regulation_sid']);
    if (papers === undefined || regulation === undefined) return notFound(c.req.path);
    const row = evaluate(world, papers, regulation);
    world.records.put('evaluations', String(row['sid']), row);
    return c.json(row, 201);
  });
  app.get('/:bundle/Evaluations', (c) => {
    const rows = world.records.list('evaluations').filter((row) => row['bundle_sid'] === c.req.param('bundle'));
    return metaPage(c, world, rows.toReversed());
  });
}
