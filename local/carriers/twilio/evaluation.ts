import type { JsonObject, SimPapers, SimWorld } from '../kernel/simulator-port.ts';
import { complianceUrl, iso, type Part, partsOf } from './compliance-rows.ts';
import { type Asked, documentType, type SimRegulation, titleOf } from './regulations.ts';

/** Twilio's own check of a bundle against its regulation: one result for the end user and one for each document. */
export function evaluate(world: SimWorld, papers: SimPapers, regulation: SimRegulation): JsonObject {
  const parts = partsOf(world, papers.id);
  const documents = regulation.asked.filter((item) => item.kind !== 'text');
  const results = [endUserResult(parts, regulation), ...documents.map((item) => documentResult(world, parts, item))];
  const sid = `EL${world.hex(32)}`;
  return {
    sid,
    account_sid: world.credentials['TWILIO_ACCOUNT_SID'] ?? '',
    regulation_sid: regulation.sid,
    bundle_sid: papers.id,
    status: results.every((result) => result['passed'] === true) ? 'compliant' : 'noncompliant',
    results,
    date_created: iso(world.clock.now()),
    url: complianceUrl(world, `Bundles/${papers.id}/Evaluations/${sid}`),
  };
}

function endUserResult(parts: readonly Part[], { subject, asked }: SimRegulation): JsonObject {
  const title = titleOf(subject);
  const person = parts.find((part) => part.sid.startsWith('IT') && part.type === subject);
  const fields = asked.filter((item) => item.kind === 'text').map((item) => item.id);
  const missing = fields.filter((name) => String(person?.attributes[name] ?? '') === '');
  const common = { friendly_name: title, object_type: subject, requirement_friendly_name: title };
  if (person !== undefined && missing.length === 0) {
    const valid = fields.map((name) => ({ friendly_name: titleOf(name), object_field: name }));
    return { ...common, requirement_name: `${subject}_info`, passed: true, valid, invalid: [] };
  }
  return {
    ...common,
    requirement_name: `${subject}_info`,
    passed: false,
    failure_reason:
      person === undefined ? `A ${title} End-User is missing. Please add one to the bundle.` : 'Fields are missing.',
    error_code: person === undefined ? 22214 : 22215,
    valid: [],
    invalid: missing.map((name) => ({
      friendly_name: titleOf(name),
      object_field: name,
      failure_reason: `The ${titleOf(name)} is missing.`,
      error_code: 22215,
    })),
  };
}

function documentResult(world: SimWorld, parts: readonly Part[], item: Asked): JsonObject {
  const title = titleOf(item.id);
  const type = documentType(item);
  const document = parts.find((part) => part.sid.startsWith('RD') && part.type === type);
  const isMet = item.kind === 'address' ? showsAddress(world, document) : document?.['mime_type'] != null;
  const common = {
    friendly_name: title,
    object_type: type,
    requirement_friendly_name: title,
    requirement_name: item.id,
    valid: [],
    invalid: [],
  };
  if (isMet) return { ...common, passed: true };
  return {
    ...common,
    passed: false,
    failure_reason: `${title} is missing. Please add one to the bundle.`,
    error_code: 22216,
  };
}

function showsAddress(world: SimWorld, document: Part | undefined): boolean {
  const sids = document?.attributes['address_sids'];
  return (
    Array.isArray(sids) &&
    sids.length > 0 &&
    sids.every((sid) => world.records.get('addresses', String(sid)) !== undefined)
  );
}
