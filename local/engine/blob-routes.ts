import { Hono } from 'hono';
import { InvalidInput, NotFound } from '../../functions/domain/errors.ts';
import { attachment } from '../../functions/platform/attachment.ts';
import { openGrant } from './blob-links.ts';
import type { LocalBlobs } from './blobs.ts';

/** `/local/blobs/<link>`: PUT takes the one upload the link allows, GET hands the file out as attachment. */
export function blobLinks(blobs: LocalBlobs): Hono {
  const app = new Hono();
  const valid = async () => ({ secrets: await blobs.linkSecret(), now: blobs.clock.now() });

  app.put('/local/blobs/:link', async (c) => {
    const grant = openGrant(c.req.param('link'), 'put', await valid());
    checkAnnounced(grant, c.req.header('content-type'), c.req.header('content-length'));
    const { size, contentType } = grant;
    await blobs.store(grant.key, { size, contentType, body: c.req.raw.body ?? new ReadableStream(EMPTY) });
    return c.body(null, 204);
  });
  app.get('/local/blobs/:link', async (c) => {
    const grant = openGrant(c.req.param('link'), 'get', await valid());
    const found = await blobs.open(grant.key);
    if (!found) throw new NotFound({ code: 'not_found', detail: 'The file is not there.' });
    return new Response(c.req.method === 'HEAD' ? null : found.body(), {
      headers: {
        'content-type': found.facts.contentType,
        'content-length': String(found.facts.size),
        'content-disposition': attachment(grant.fileName),
        'cache-control': 'private, no-store',
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
      },
    });
  });
  return app;
}

const EMPTY = { start: (controller: ReadableStreamDefaultController) => controller.close() };

/** Refuses before the first byte is read; the stream is counted all the same. */
function checkAnnounced(
  fixed: { readonly size: number; readonly contentType: string },
  contentType: string | undefined,
  contentLength: string | undefined,
): void {
  if (contentType?.toLowerCase() !== fixed.contentType.toLowerCase())
    throw new InvalidInput({ code: 'file_type_not_allowed', detail: `The link is for ${fixed.contentType}.` });
  if (contentLength === undefined || Number(contentLength) === fixed.size) return;
  const code = Number(contentLength) > fixed.size ? 'file_too_large' : 'file_size_mismatch';
  throw new InvalidInput({ code, detail: `The link is for ${fixed.size} bytes.` });
}
