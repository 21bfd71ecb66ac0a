import type { Hono } from 'hono';
import type { JsonObject, SimPapers, SimWorld } from '../kernel/simulator-port.ts';
import { announce } from './events.ts';
import { bodyOf, list, notFound, object, paged, Refused, text } from './replies.ts';
import { requirementTypes } from './requirements.ts';

/** The kernel's review in this carrier's words. */
const STATES = {
  draft: 'unapproved',
  in_review: 'pending-approval',
  approved: 'approved',
  rejected: 'declined',
} as const;
const COMMENTS = 'comments';

/** Undefined: there is no such group. */
export function groupState(world: SimWorld, id: string): (typeof STATES)[keyof typeof STATES] | undefined {
  const papers = world.papers.list().find((each) => each.id === id);
  return papers && STATES[papers.state];
}

/** Requirement groups: not wrapped in `data`, lists are bare arrays. */
export function groupRoutes(app: Hono, world: SimWorld): void {
  const found = (id: string) => {
    const papers = world.papers.list().find((each) => each.id === id);
    if (!papers) throw notFound('requirement group');
    return papers;
  };
  app.get('/v2/requirement_groups', (c) => {
    const wanted = ['country_code', 'phone_number_type', 'action', 'customer_reference', 'status']
      .map((name) => [name, c.req.query(`filter[${name}]`)] as const)
      .filter(([, value]) => value !== undefined);
    const groups = world.papers.list().map(shownGroup);
    return c.json(groups.filter((group) => wanted.every(([name, value]) => group[name] === value)));
  });
  app.post('/v2/requirement_groups', async (c) => {
    const body = await bodyOf(c);
    const missing = ['country_code', 'phone_number_type', 'action'].find((name) => text(body[name]) === '');
    if (missing !== undefined) throw new Refused(422, '10027', `${missing} is required`, `/${missing}`);
    return c.json(shownGroup(save(world, newGroup(world, body), body)));
  });
  app.get('/v2/requirement_groups/:id', (c) => c.json(shownGroup(found(c.req.param('id')))));
  app.patch('/v2/requirement_groups/:id', async (c) => {
    const body = await bodyOf(c);
    return c.json(shownGroup(save(world, found(c.req.param('id')), body)));
  });
  app.post('/v2/requirement_groups/:id/submit_for_approval', (c) => {
    const papers = found(c.req.param('id'));
    const open = openRequirements(papers);
    if (open.length > 0) throw new Refused(422, '10027', `Requirements are not fulfilled: ${open.join(', ')}`);
    if (papers.state !== 'approved') world.transact(() => world.papers.handIn(papers.id));
    return c.json(shownGroup(found(papers.id)));
  });
  app.get('/v2/comments', (c) => {
    const about = c.req.query('filter[comment_record_id]');
    return paged(
      c,
      world.records.list(COMMENTS).filter((each) => about === undefined || each['comment_record_id'] === about),
    );
  });
}

/** The review has ended: reviewers leave their reason as a comment, and the account is told. */
export function groupReviewed(world: SimWorld, papers: SimPapers): void {
  const at = world.clock.now().toISOString();
  if (papers.state === 'rejected') {
    const id = world.uuid();
    world.records.put(COMMENTS, id, {
      id,
      body: papers.reason ?? '',
      comment_record_id: papers.id,
      comment_record_type: 'requirement_group',
      commenter: 'Regulatory team',
      commenter_type: 'admin',
      created_at: at,
      updated_at: at,
    });
  }
  announce(world, 'papers', 'requirement_group.status_updated', shownGroup(papers));
}

function newGroup(world: SimWorld, body: JsonObject): SimPapers {
  const at = world.clock.now().toISOString();
  const id = world.uuid();
  const { country_code = '', phone_number_type = '', action = '' } = body;
  const data = { country_code, phone_number_type, action, created_at: at, updated_at: at, values: {} };
  return { id, reference: text(body['customer_reference']), state: 'draft', data };
}

function save(world: SimWorld, papers: SimPapers, body: JsonObject): SimPapers {
  const given = list(body['regulatory_requirements'])
    .map(object)
    .map((line) => [text(line['requirement_id']), text(line['field_value'])] as const);
  const values = { ...object(papers.data['values']), ...Object.fromEntries(given) };
  const saved = { ...papers, data: { ...papers.data, values, updated_at: world.clock.now().toISOString() } };
  world.papers.save(saved);
  return saved;
}

function typesOf(papers: SimPapers): readonly JsonObject[] {
  return requirementTypes(text(papers.data['country_code']), text(papers.data['phone_number_type']));
}

function openRequirements(papers: SimPapers): readonly string[] {
  const values = object(papers.data['values']);
  return typesOf(papers)
    .filter((type) => text(values[text(type['id'])]) === '')
    .map((type) => text(type['name']));
}

function shownGroup(papers: SimPapers): JsonObject {
  const { values: _, ...rest } = papers.data;
  const values = object(papers.data['values']);
  const status = STATES[papers.state];
  const times = { created_at: papers.data['created_at'] ?? '', updated_at: papers.data['updated_at'] ?? '' };
  const lines = typesOf(papers).map((type) => ({
    requirement_id: text(type['id']),
    field_type: text(type['type']),
    field_value: text(values[text(type['id'])]),
    status,
    ...times,
  }));
  return {
    record_type: 'requirement_group',
    id: papers.id,
    status,
    customer_reference: papers.reference,
    ...rest,
    regulatory_requirements: lines,
  };
}
