import type { SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { problem } from './answers.ts';
import { readRegulations } from './regulations.ts';

/** Refuses an order whose number needs a bundle and does not name an approved one of its own kind (21649). */
export function bundleProblem(
  world: SimWorld,
  form: Readonly<Record<string, string>>,
  number: SimNumber,
): Response | undefined {
  const needed = readRegulations().filter(({ country, type }) => country === number.country && type === number.type);
  if (needed.length === 0) return undefined;
  const sid = form['BundleSid'] ?? '';
  const bundle = world.papers.find(sid);
  const fits = needed.some((regulation) => regulation.sid === bundle?.data['regulation_sid']);
  if (bundle?.id === sid && bundle.state === 'approved' && fits) return undefined;
  const message = `A Bundle of regulation ${number.country} ${number.type} is required and was not found or not approved`;
  return problem(400, 21649, message);
}
