/** Where reality (the vendor's SDK, documentation or observed answers) is known to differ from the kept description. */
export interface Deviation {
  readonly carrier: string;
  /** Part of `METHOD /template`, and of the problem's text. */
  readonly where: string;
  readonly problem: string;
  readonly reason: string;
}
export const DEVIATIONS: readonly Deviation[] = [
  {
    carrier: 'twilio',
    where: 'GET /2010-04-01/',
    problem: 'uri must match format "uri", is a path',
    reason: "pages of the 2010 API name themselves by path only, in the description's own samples too",
  },
  {
    carrier: 'twilio',
    where: 'GET /v1/PhoneNumbers/Countries/{IsoCountry}',
    problem: '_price must be number, is a decimal text',
    reason: 'prices are decimal texts, in the description\'s own sample ("1.00") and in the SDK\'s types',
  },
  {
    carrier: 'twilio',
    where: '/IncomingPhoneNumbers',
    problem: 'sms_fallback_url must match format "uri", is ""',
    reason: 'an address that is not set is an empty text',
  },
  {
    carrier: 'twilio',
    where: '/IncomingPhoneNumbers/{Sid}.json',
    problem: 'characters, is ""',
    reason: 'an application or trunk is taken off a number by an empty text; the description knows no way to clear one',
  },
  {
    carrier: 'twilio',
    where: '/IncomingPhoneNumbers/{Sid}.json',
    problem: '{32}$", is ""',
    reason: 'an application or trunk is taken off a number by an empty text; the description knows no way to clear one',
  },
  {
    carrier: 'twilio',
    where: 'POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json',
    problem: 'SmsFallbackUrl must match format "uri", is ""',
    reason: 'an address is taken off a number by an empty text',
  },
  {
    carrier: 'twilio',
    where: 'POST /v2/RegulatoryCompliance/SupportingDocuments',
    problem: 'multipart/form-data',
    reason: 'files go to the upload host (numbers-upload.twilio.com), which the published descriptions leave out',
  },
  {
    carrier: 'telnyx',
    where: 'GET /v2/available_phone_numbers',
    problem: 'query filter: /features',
    reason: 'the official SDK writes the list with commas (filter[features]=voice,sms)',
  },
  {
    carrier: 'vonage',
    where: 'GET /account/get-balance',
    problem: 'is missing',
    reason:
      'the description (2021) wants the credentials in the query; the SDK sends HTTP Basic, which keeps them out of logs',
  },
  {
    carrier: 'vonage',
    where: 'inbound-message',
    problem: '',
    reason: 'described is messages v0.1; v1 (texts at the top, from and to as texts) is what an application gets today',
  },
];

/** The deviation that covers a finding, if one does. */
export function deviationOf(carrier: string, where: string, problem: string): Deviation | undefined {
  return DEVIATIONS.find(
    (one) => one.carrier === carrier && where.includes(one.where) && problem.includes(one.problem),
  );
}
