import type { Room, View } from './room.ts';

const PDF = new TextEncoder().encode('%PDF-1.7\n%%EOF\n');

/** What tests of papers do again and again. */
export function papersActs(lab: { readonly room: Room }) {
  const ask = (who: string, call: string, body?: object, more: object = {}) =>
    lab.room.ask(who, call, { ...(body ? { body } : {}), ...more });
  const submit = async (id: string, who = 'admin') => {
    const answer = await ask(who, `POST /v1/bundles/${id}/submission`);
    await lab.room.settle();
    return answer;
  };
  return {
    ask,
    /** A document whose file has arrived. */
    async paper(kind: string, more: object = {}, who = 'customer'): Promise<string> {
      const file = { kind, fileName: 'a.pdf', contentType: 'application/pdf', size: PDF.length, ...more };
      const { json } = await ask(who, 'POST /v1/documents', file);
      lab.room.files.set(String(json.upload.url).replace('https://files.example/', ''), PDF);
      return json.id;
    },
    bundle: (id: string, who = 'admin') => ask(who, `GET /v1/bundles/${id}`).then(({ json }) => json),
    submit,
    /** A bundle made, listed by its carrier, filled and handed in. */
    async handedIn(values: Readonly<Record<string, string>>, more: object = {}) {
      const { json } = await ask('admin', 'POST /v1/bundles', { country: 'GB', carrier: 'telnyx', ...more });
      await lab.room.settle();
      const items = Object.entries(values).map(([requirementId, value]) => ({ requirementId, value }));
      await ask('admin', `PATCH /v1/bundles/${json.id}`, { items });
      await submit(json.id);
      return json.id as string;
    },
    put: (made: Pick<View, 'id'>, requirementId: string, body: object = { value: 'x' }) =>
      ask('customer', `PUT /v1/number-requests/${made.id}/requirements/${requirementId}`, body),
    /** Once what was handed in has reached customer success. */
    async accept(made: Pick<View, 'id'>, ...ids: string[]) {
      await lab.room.settle();
      const documents = ids.map((id) => ({ id, verdict: 'accepted' }));
      return ask('cs', `POST /v1/number-requests/${made.id}/documents-review`, { documents });
    },
    states: ({ requirements }: Pick<View, 'requirements'>) =>
      requirements.map((one) => `${one.requirementId} ${one.state}`),
  };
}
