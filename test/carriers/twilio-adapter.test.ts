import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PaperAnswer, Papers } from '../../functions/carriers/papers-port.ts';
import { twilio } from '../../functions/carriers/twilio/adapter.ts';
import { manifest } from '../../functions/carriers/twilio/manifest.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import type { HttpRequest } from '../../functions/platform/http.ts';
import { twilioSimulator } from '../../local/carriers/twilio/simulator.ts';
import {
  call,
  freeNumbers,
  orderFor,
  referenceOf,
  type StartedCarrier,
  startCarrier,
  testClock,
  webhooks,
} from '../contracts/carrier-start.ts';
import { ACCOUNT, TOKEN } from '../inbound/twilio-post.ts';
import { twilioSpecs } from '../simulators/twilio-spec.ts';

const credentials = { TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_AUTH_TOKEN: TOKEN };
const GB = CountryCode.parse('GB');
const DE = CountryCode.parse('DE');
const PDF = new TextEncoder().encode('%PDF-1.4\n%%EOF\n');

const specs = twilioSpecs();

let current: StartedCarrier | undefined;
beforeEach(async () => {
  current = await startCarrier({
    ...{ manifest, simulator: twilioSimulator(), credentials },
    adapter: ({ credentials: own, baseUrl, ...deps }) =>
      twilio({ credentials: own, baseUrl }, { ...deps, clock: testClock() }),
  });
});
afterEach(async () => {
  const problems = (current?.observed ?? []).flatMap(({ request, answer }) => {
    const isForm = request.headers['Content-Type'] === 'application/x-www-form-urlencoded';
    if (answer === undefined || isSpoilt(answer.body)) return [];
    return specs.problems({
      ...{ method: request.method, path: request.url.replace(/^.*?\/twilio/, '') },
      ...(isForm ? { form: String(request.body ?? '') } : {}),
      ...{ status: answer.status, answer: new TextDecoder().decode(answer.body) },
    });
  });
  await current?.close();
  expect(problems).toEqual([]); // against the vendor's description, where it is at hand
});
const SPOILT = 'SPOILT';
const isSpoilt = (body: Uint8Array) => new TextDecoder().decode(body).includes(SPOILT);
const started = () => {
  if (current === undefined) throw new Error('not started');
  return current;
};
const order = (n = 1) => {
  const [number] = freeNumbers(started(), 1);
  if (number === undefined) throw new Error('no stock');
  return orderFor(number, referenceOf(n));
};
const papersService = () => {
  const { papers } = started().carrier;
  if (papers === undefined) throw new Error('no papers');
  return papers;
};
const sent = (operation: string) =>
  started()
    .observed.filter((seen) => seen.operation === operation)
    .map((seen) => seen.request);
const formOf = (request: HttpRequest | undefined) =>
  Object.fromEntries(new URLSearchParams(String(request?.body ?? '')));

describe('ordering at Twilio', () => {
  it('says everything in the one call that buys: reference, addresses, fallback, papers', async () => {
    const wanted = { ...order(), papers: { bundleId: `BU${'0'.repeat(32)}`, addressId: `AD${'0'.repeat(32)}` } };
    await started().carrier.purchase(wanted, call());
    const orders = sent('purchase');

    expect(orders).toHaveLength(1);
    expect(formOf(orders[0])).toEqual({
      PhoneNumber: wanted.number,
      FriendlyName: wanted.reference,
      BundleSid: wanted.papers.bundleId,
      AddressSid: wanted.papers.addressId,
      VoiceUrl: wanted.webhooks.voiceUrl,
      VoiceMethod: 'POST',
      VoiceFallbackUrl: wanted.webhooks.voiceFallbackUrl,
      VoiceFallbackMethod: 'GET',
      StatusCallback: wanted.webhooks.statusUrl,
      StatusCallbackMethod: 'POST',
      SmsUrl: wanted.webhooks.smsUrl,
      SmsMethod: 'POST',
    });
  });

  it('P13: tells the number the carrier named, not the one that was ordered', async () => {
    const wanted = order();
    started().spoil((answer) => ({
      ...answer,
      body: new TextEncoder().encode(new TextDecoder().decode(answer.body).replace(wanted.number, '+441223000009')),
    }));

    expect(await started().carrier.purchase(wanted, call())).toMatchObject({
      kind: 'done',
      value: { number: '+441223000009' },
    });
  });

  it('P2: probes by the exact number, although the filter finds parts of numbers', async () => {
    const wanted = order();
    await started().carrier.purchase(wanted, call());
    const part = { ...wanted, number: wanted.number.slice(0, -2) as typeof wanted.number };

    expect(await started().carrier.probe(part, call())).toEqual({ kind: 'nothing' });
    expect((await started().carrier.probe(wanted, call())).kind).toBe('ours');
  });

  it('takes a trunk or an application off when it configures', async () => {
    const wanted = order();
    const bought = await started().carrier.purchase(wanted, call());
    if (bought.kind !== 'done') throw new Error(bought.kind);
    await started().carrier.configure({ ...wanted, ...bought.value }, webhooks('b'), call());

    expect(formOf(sent('configure')[0])).toMatchObject({
      TrunkSid: '',
      VoiceApplicationSid: '',
      SmsApplicationSid: '',
    });
  });

  it('S2-2: a type that the country does not have is an empty page', async () => {
    const wish = { country: CountryCode.parse('US'), type: 'national' as const, features: [], limit: 5 };
    const pages = await Array.fromAsync(started().carrier.search(wish, call()));

    expect(pages).toMatchObject([{ offers: [], dropped: 0 }]);
  });

  it('asks nobody when area and pattern contradict each other', async () => {
    const wish = {
      country: GB,
      type: 'local' as const,
      areaCode: '20',
      pattern: { text: '161', match: 'starts' as const },
      features: [],
      limit: 5,
    };

    expect(await Array.fromAsync(started().carrier.search(wish, call()))).toEqual([]);
    expect(started().observed).toEqual([]);
  });

  it('S4-14, V4: lists pages of numbers with their addresses', async () => {
    const wanted = order();
    await started().carrier.purchase(wanted, call());
    const owned = (await Array.fromAsync(started().carrier.listOwned(call()))).flat();
    const { ordersUrl: _, ...shown } = wanted.webhooks;

    expect(owned).toMatchObject([{ number: wanted.number, reference: wanted.reference, webhooks: shown }]);
  });

  it('follows no page to another host: credentials stay', async () => {
    await started().carrier.purchase(order(), call());
    const seen: string[] = [];
    started().spoil((answer, request) => {
      seen.push(request.url);
      const page = JSON.parse(new TextDecoder().decode(answer.body)) as object;
      return {
        ...answer,
        body: new TextEncoder().encode(
          JSON.stringify({
            ...page,
            meta: { next_page_url: 'https://evil.example/x', key: 'incoming_phone_numbers' },
            SPOILT,
          }),
        ),
      };
    });

    await expect(Array.fromAsync(started().carrier.listOwned(call()))).rejects.toMatchObject({
      name: 'CarrierUnusable',
      code: 'malformed_reply',
    });
    expect(seen).toHaveLength(1);
  });
});

describe('papers at Twilio', () => {
  const papers = (answers: readonly PaperAnswer[], more: Partial<Papers> = {}): Papers => ({
    ...{ reference: 'req_01kaaaaaaaaaaaaaaaaaaaaaaaa', country: DE, type: 'local', subject: 'business' },
    ...{
      endUserName: 'Acme GmbH',
      email: 'papers@acme.example',
      statusUrl: 'https://gateway.example/inbound/twilio/orders',
    },
    ...{ answers, ...more },
  });
  const document = (requirementId: string, bytes = PDF, contentType = 'application/pdf'): PaperAnswer => ({
    ...{ requirementId, kind: 'document', fileName: 'proof.pdf', contentType },
    open: async () => bytes,
  });
  const address: PaperAnswer = {
    ...{ requirementId: 'address', kind: 'address' },
    address: { lines: ['Unter den Linden 1', 'Hinterhaus'], city: 'Berlin', postalCode: '10117', country: DE },
  };
  const text = (requirementId: string, value: string): PaperAnswer => ({ requirementId, kind: 'text', value });
  const all = [
    text('declared_purpose', 'Support'),
    address,
    document('address_proof'),
    document('local_relationship_form'),
  ];
  const submit = async (handedIn: Papers) => {
    const outcome = await papersService().submit(handedIn, call());
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  };

  it('asks what the regulation asks, and nothing where there is none', async () => {
    const ask = (country: CountryCode, action: 'ordering' | 'porting') =>
      papersService().requirements({ country, type: 'local', subject: 'business', action }, call());
    const items = await ask(DE, 'ordering');

    expect(items?.map((item) => [item.requirementId, item.kind])).toEqual([
      ['business_name', 'text'],
      ['declared_purpose', 'text'],
      ['address', 'address'],
      ['address_proof', 'document'],
      ['local_relationship_form', 'document'],
    ]);
    expect(items?.at(3)?.acceptedEvidence).toContain('Handelsregister extract showing an address');
    expect(await ask(GB, 'ordering')).toEqual([]);
    expect(await ask(DE, 'porting')).toBeUndefined();
  });

  it('hands in one bundle with end user, address and files; a name need not be given twice', async () => {
    const refs = await submit(papers(all));
    const bundle = started().world.papers.list();
    const person = started().world.records.get('endUsers', refs.endUserId ?? '');
    const place = started().world.records.get('addresses', refs.addressId ?? '');

    expect(bundle).toMatchObject([
      { id: refs.bundleId, state: 'in_review', reference: 'req_01kaaaaaaaaaaaaaaaaaaaaaaaa' },
    ]);
    expect(person).toMatchObject({ attributes: { business_name: 'Acme GmbH', declared_purpose: 'Support' } });
    expect(place).toMatchObject({ street: 'Unter den Linden 1', street_secondary: 'Hinterhaus', region: 'Berlin' });
    expect(
      started()
        .world.records.list('documents')
        .map((row) => [row['type'], row['mime_type']]),
    ).toEqual([
      ['address', null],
      ['address_proof_document', 'application/pdf'],
      ['local_relationship_form_document', 'application/pdf'],
    ]);
    expect(await submit(papers(all))).toEqual(refs); // found again, with all its parts
  });

  it('R1: an incomplete set is refused with what is missing, and is not handed in', async () => {
    const outcome = await papersService().submit(papers([address, document('address_proof')]), call());

    expect(outcome).toMatchObject({
      kind: 'refused',
      refusal: { class: 'DocumentsRequired', code: 'documents_required' },
    });
    expect(JSON.stringify(outcome)).toMatch(/business_info: .*Declared purpose.*local_relationship_form: /);
    expect(started().world.papers.list()).toMatchObject([{ state: 'draft' }]);
    expect((await submit(papers(all))).bundleId).toBe(started().world.papers.list()[0]?.id); // the same one, completed
  });

  it.each([
    ['too large', new Uint8Array(5 * 1024 * 1024 + 1), 'application/pdf'],
    ['empty', new Uint8Array(), 'application/pdf'],
    ['of another kind', PDF, 'application/zip'],
  ])('R3: a file that is %s is refused before anything is sent', async (_, bytes, contentType) => {
    const outcome = await papersService().submit(papers([document('address_proof', bytes, contentType)]), call());

    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'document_rejected' } });
    expect(started().observed).toEqual([]);
  });

  it('R1: a rejection is told per requirement, and corrected in the same bundle', async () => {
    await started().control('POST', 'twilio/papers', { mode: 'manual' });
    const refs = await submit(papers(all));
    await started().control('POST', 'twilio/papers', {
      reference: refs.bundleId,
      verdict: 'rejected',
      reason: 'Unreadable.',
    });
    const state = await papersService().state(refs, call());
    const again = await submit(papers(all, { previous: refs }));

    expect(state.state).toBe('rejected');
    expect(state.rejections).toContainEqual({ requirementId: 'address_proof', remark: 'Unreadable.' });
    expect(again.bundleId).toBe(refs.bundleId);
    expect(again.documentIds).not.toEqual(refs.documentIds);
    expect((await papersService().state(again, call())).state).toBe('in_review');
  });

  it('P2: is unknown when an answer on the way is lost, and one set when handed in again', async () => {
    await started().fault('lost_after_execution', 'papers', 3); // a read of the way is repeated by itself, the write after it is not
    const lost = await papersService().submit(papers(all), call());
    await started().control('DELETE', 'twilio/faults');
    await submit(papers(all));

    expect(lost.kind).toBe('unknown');
    expect(started().world.papers.list()).toHaveLength(1);
  });

  it('tells the last day of an approval, and that it has passed', async () => {
    const refs = await submit(papers(all));
    const approve = (day: string) =>
      started().spoil((answer) => {
        const bundle = JSON.parse(new TextDecoder().decode(answer.body)) as object;
        return {
          ...answer,
          body: new TextEncoder().encode(
            JSON.stringify({ ...bundle, status: 'twilio-approved', valid_until: day, SPOILT }),
          ),
        };
      });
    approve('2026-11-21T00:00:00Z');
    const valid = await papersService().state(refs, call());
    approve('2026-11-19T00:00:00Z');
    const over = await papersService().state(refs, call());

    expect(valid).toEqual({ state: 'approved', validUntil: '2026-11-21T00:00:00.000Z', rejections: [] });
    expect(over.state).toBe('expired');
  });

  it('takes a state it does not know for an error, not for a guess', async () => {
    const refs = await submit(papers(all));
    started().spoil((answer) => ({
      ...answer,
      body: new TextEncoder().encode(
        new TextDecoder().decode(answer.body).replace('pending-review', `levitating","${SPOILT}":"`),
      ),
    }));

    await expect(papersService().state(refs, call())).rejects.toMatchObject({
      name: 'CarrierUnusable',
      code: 'malformed_reply',
    });
  });
});

describe('the way to Twilio', () => {
  it('leads to the real hosts without a simulator', async () => {
    const urls: string[] = [];
    const real = twilio(
      { credentials },
      {
        clock: testClock(),
        async http(request) {
          urls.push(request.url);
          const body = new TextEncoder().encode('{"code":20404,"message":"x","status":404}');
          return { status: 404, headers: {}, body };
        },
      },
    );
    await Array.fromAsync(real.search({ country: GB, type: 'local', features: [], limit: 5 }, call()));
    await real.papers
      ?.requirements({ country: GB, type: 'local', subject: 'business', action: 'ordering' }, call())
      .catch(() => undefined);

    expect(urls.map((url) => url.split('?')[0]).sort()).toEqual([
      `https://api.twilio.com/2010-04-01/Accounts/${ACCOUNT}/AvailablePhoneNumbers/GB/Local.json`,
      'https://numbers.twilio.com/v2/RegulatoryCompliance/Regulations',
      'https://pricing.twilio.com/v1/PhoneNumbers/Countries/GB',
    ]);
  });

  it.each([[{}], [{ TWILIO_ACCOUNT_SID: ACCOUNT }], [{ TWILIO_ACCOUNT_SID: 'AC/../x', TWILIO_AUTH_TOKEN: TOKEN }]])(
    'is CarrierUnusable auth with credentials %j',
    (missing) => {
      const http = () => Promise.reject(new Error('not called'));

      expect(() => twilio({ credentials: missing }, { http, clock: testClock() })).toThrow(
        expect.objectContaining({ name: 'CarrierUnusable', code: 'auth' }),
      );
    },
  );
});
