import type { Known } from './inputs.ts';

export interface Asked {
  readonly status: number;
  /** As parsed; only `made` looks into it. */
  readonly json: unknown;
  readonly text: string;
}
interface Named {
  readonly id: string;
}
/** What is read here of an answer: each line gives some of it. */
interface Told extends Named {
  readonly state: string;
  readonly extensionId: string;
  readonly data: readonly Named[];
  readonly numbers: readonly { readonly numberId: string }[];
  readonly requirements: readonly { readonly requirementId: string; readonly kind: string }[];
  readonly upload: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
}
export interface Caller {
  /** As the tenant's administrator: `ask('POST /v1/end-users', {…})`. */
  ask(call: string, body?: unknown): Promise<Asked>;
  /** As customer success acting for the tenant. */
  success(call: string, body?: unknown): Promise<Asked>;
  /** At the simulators. */
  control(call: string, body: unknown): Promise<Asked>;
}
/** Ids of what a tenant has, by prefix; `e164` and `requirement` beside them. */
export type Furniture = Readonly<Record<string, readonly string[]>>;

const usd = (amount: string) => ({ amount, currency: 'USD' });
const labels = (mark: string) => ({
  name: `${mark} name`,
  reference: `${mark} reference`,
  tags: [`${mark} tag`],
  metadata: { note: `${mark} metadata` },
});

/** Gives a tenant one of everything this interface can make, each text with `mark` in it. Throws where a call is refused. */
export async function furnish(by: Caller, mark: string, number: string): Promise<Furniture> {
  const people = await makePeople(by, mark);
  const papers = await makePapers(by, mark);
  const requests = await makeRequests(by, mark, papers);
  const numbers = await makeNumber(by, mark, number, people);
  const ticket = await made(by.ask('POST /v1/tickets', { subject: `${mark} ticket`, kind: 'other' }));
  await made(by.ask(`POST /v1/tickets/${ticket.id}/comments`, { text: `${mark} comment` }));
  const opened = (await made(by.ask('GET /v1/tickets?limit=200'))).data.map(({ id }) => id);
  const key = await made(by.ask('POST /v1/api-keys', { name: `${mark} key`, scopes: ['numbers:read'] }));
  const tasks = await made(by.success('GET /v1/tasks?limit=200'));
  const { id: tenant } = await made(by.ask('PATCH /v1/tenant', { name: `${mark} tenant` }));
  return {
    ...{ ten: [tenant], usr: people.usr, ext: people.ext, que: people.que, flw: people.flw, key: [key.id] },
    ...{
      eus: [papers.eus],
      doc: [papers.doc, papers.free],
      bnd: [papers.bnd],
      req: [...requests.ids, ...numbers.req],
      tkt: opened,
    },
    tsk: tasks.data.map(({ id }) => id),
    ...{ num: numbers.num, e164: [number], requirement: requests.requirement },
  };
}

async function makePeople(by: Caller, mark: string) {
  const email = `${mark.toLowerCase()}@people.example`;
  const user = await made(by.ask('POST /v1/users', { name: `${mark} user`, email, roles: ['customer'] }));
  const queue = { name: `${mark} queue`, members: [user.id], timeoutSeconds: 30 };
  const que = await made(by.success('POST /v1/queues', queue));
  const steps = [{ id: 'a', type: 'announce', text: `${mark} step` }];
  const flw = await made(by.success('POST /v1/call-flows', { name: `${mark} flow`, steps }));
  return { usr: [user.id], ext: [user.extensionId], que: [que.id], flw: [flw.id] };
}

const addressOf = (mark: string) => ({
  lines: [`${mark} street`],
  city: `${mark} city`,
  postalCode: '1',
  country: 'CO',
});
interface Papers {
  readonly eus: string;
  readonly doc: string;
  /** A document nothing depends on. */
  readonly free: string;
  readonly bnd: string;
}
async function makePapers(by: Caller, mark: string): Promise<Papers> {
  const fields = { id: `${mark} field` };
  const person = { subject: 'business', name: `${mark} person`, fields, addresses: [addressOf(mark)] };
  const eus = await made(by.ask('POST /v1/end-users', person));
  const bytes = `%PDF-1.4\n${mark}\n%%EOF\n`;
  const paper = { kind: 'identity', fileName: `${mark}.pdf`, contentType: 'application/pdf', size: bytes.length };
  const doc = await made(by.ask('POST /v1/documents', paper));
  await fetch(doc.upload.url, { method: 'PUT', headers: doc.upload.headers, body: bytes });
  await made(by.ask(`GET /v1/documents/${doc.id}`));
  const free = await made(by.ask('POST /v1/documents', { ...paper, fileName: `${mark}-free.pdf` }));
  const bundle = await made(by.ask('POST /v1/bundles', { country: 'DE', carrier: 'twilio', endUserId: eus.id }));
  return { eus: eus.id, doc: doc.id, free: free.id, bnd: bundle.id };
}

async function makeRequests(by: Caller, mark: string, { eus: endUserId, doc }: Papers) {
  const wish = { locality: `${mark} place`, purposeNote: `${mark} note`, endUserId, ...labels(mark) };
  const open = await made(by.ask('POST /v1/number-requests', { country: 'CO', ...wish }));
  await made(by.ask(`POST /v1/number-requests/${open.id}/comments`, { text: `${mark} comment` }));
  const asked = await made(by.ask('POST /v1/number-requests', { country: 'GE', ...wish }));
  const question = { question: `${mark} question` };
  await made(by.success(`POST /v1/number-requests/${asked.id}/information-request`, question));
  const special = await made(by.ask('POST /v1/number-requests', { country: 'FR', ...wish }));
  const terms = { monthly: usd('4.00'), setup: usd('5.00'), text: `${mark} terms`, validUntil: '2039-01-01T00:00:00Z' };
  await made(by.success(`POST /v1/number-requests/${special.id}/terms`, terms));
  const undoable = await approved(by, mark, 30);
  const waiting = await reached(by, await approved(by, mark), 'documents_pending');
  const review = await reached(by, await approved(by, mark), 'documents_pending');
  for (const { requirementId, kind } of review.requirements) {
    const evidence = { document: { documentId: doc }, text: { value: '12345' }, address: { address: addressOf(mark) } };
    await made(
      by.ask(
        `PUT /v1/number-requests/${review.id}/requirements/${requirementId}`,
        evidence[kind as keyof typeof evidence],
      ),
    );
  }
  await reached(by, review.id, 'documents_review');
  const requirement = waiting.requirements.map((one) => one.requirementId);
  return { ids: [open.id, asked.id, special.id, waiting.id, review.id, undoable], requirement };
}

/** A request for a number in Colombia that customer success let through: it asks for papers, once that cannot be undone. */
async function approved(by: Caller, mark: string, undoSeconds = 0): Promise<string> {
  const { id } = await made(by.ask('POST /v1/number-requests', { country: 'CO', subject: 'individual' }));
  const decision = { comment: `${mark} decision`, undoSeconds };
  await made(by.success(`POST /v1/number-requests/${id}/approval`, decision));
  return id;
}

async function makeNumber(by: Caller, mark: string, number: string, people: { readonly ext: readonly string[] }) {
  const stock = { numbers: [{ number, country: 'GB', type: 'local', monthly: usd('1.00') }] };
  await made(by.control('POST twilio/stock', stock));
  const assignment = { ownership: 'private', target: { type: 'extension', id: people.ext[0] } };
  const numbers = [{ number, carrier: 'twilio', monthly: usd('2.00') }];
  const filed = await made(
    by.ask('POST /v1/number-requests', { country: 'GB', numbers, assignment, name: `${mark} line` }),
  );
  const { numbers: bought } = await reached(by, filed.id, 'completed');
  await made(by.control('POST twilio/calls', { from: '+447700900123', to: number }));
  await made(by.control('POST twilio/messages', { from: '+447700900123', to: number, text: `${mark} message` }));
  return { num: bought.map((one) => one.numberId), req: [filed.id] };
}

async function made(call: Promise<Asked>): Promise<Told> {
  const { status, json, text } = await call;
  if (status >= 400 || status === 0) throw new Error(`refused: ${status} ${text.slice(0, 500)}`);
  return json as Told;
}

const PATIENCE_MS = 10_000;
async function reached(by: Caller, id: string, state: string): Promise<Told> {
  for (const end = performance.now() + PATIENCE_MS; ; ) {
    const request = await made(by.ask(`GET /v1/number-requests/${id}`));
    if (request.state === state) return request;
    if (performance.now() > end) throw new Error(`${id} is ${request.state}, not ${state}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** Words that get an input past the first checks. */
export const knownFrom = (furniture: Furniture): Known => ({
  ids: furniture,
  words: {
    id: [...(furniture['e164'] ?? [])],
    'If-Match': ['"1"', '"2"', '"3"', '"4"', '*'],
    country: ['GB', 'US', 'CO', 'FR', 'AQ', 'XX'],
    code: ['GB', 'CO', 'AQ', 'not_found', 'XX'],
    number: [...(furniture['e164'] ?? []), '+441223555010', '12'],
    requirementId: furniture['requirement'] ?? [],
    carrier: ['telnyx', 'twilio', 'vonage'],
    areaCode: ['1223', '161', '1954'],
    contentType: ['application/pdf', 'image/png', 'text/html'],
    fileName: ['a.pdf', 'a.exe'],
    currency: ['USD', 'EUR'],
    timeZone: ['Europe/London', 'Mars/Base'],
  },
});
