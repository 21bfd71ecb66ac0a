import { Hono } from 'hono';
import * as z from 'zod';
import { InvalidInput, Malformed } from '../functions/domain/errors.ts';
import type { Table } from '../functions/platform/table.ts';
import type { ShiftedClock } from './engine/clock.ts';
import { listMails } from './engine/mailer.ts';
import { loopbackOnly, socketAddress } from './engine/sign-in-callers.ts';

const MailQuery = z.strictObject({ to: z.string().optional(), numberRequestId: z.string().optional() });
const ClockBody = z.union([z.strictObject({ advanceSeconds: z.number() }), z.strictObject({ now: z.iso.datetime() })]);

/** Aids of a local installation: sent mails, and the test clock when it was asked for (api-map §1). */
export function localRoutes(parts: {
  readonly table: Table;
  readonly publicUrl: string;
  readonly clock: ShiftedClock | undefined;
}): Hono {
  const app = new Hono();
  app.use('/local/mails', loopbackOnly(socketAddress, parts.publicUrl));
  app.use('/local/clock', loopbackOnly(socketAddress, parts.publicUrl));
  app.get('/local/mails', async (c) => {
    const query = MailQuery.safeParse(c.req.query());
    if (!query.success)
      throw new Malformed({ code: 'unknown_parameter', detail: 'Mails are filtered by to and numberRequestId only.' });
    const { to, numberRequestId } = query.data;
    const data = await listMails(parts.table, { to, numberRequestId });
    return c.json({ object: 'list', data, page: { hasMore: false } });
  });
  if (parts.clock) {
    const { clock } = parts;
    app.get('/local/clock', (c) => c.json({ now: clock.now().toISOString() }));
    app.post('/local/clock', async (c) => {
      const body = ClockBody.safeParse(await c.req.json().catch(() => undefined));
      if (!body.success)
        throw new Malformed({ code: 'malformed', detail: 'Send {"advanceSeconds": 60} or {"now": "…Z"}.' });
      if ('advanceSeconds' in body.data && body.data.advanceSeconds < 1)
        throw new InvalidInput({ code: 'clock_backwards', detail: 'The clock goes on by at least one second.' });
      const now =
        'now' in body.data ? clock.advanceTo(new Date(body.data.now)) : clock.advanceSeconds(body.data.advanceSeconds);
      return c.json({ now: now.toISOString() });
    });
  }
  return app;
}
