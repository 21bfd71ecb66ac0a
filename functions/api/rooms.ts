import { MANIFESTS } from '../carriers/manifests.ts';
import { bindCompliance } from '../compliance/api.ts';
import { bindBundles } from '../compliance/api-bundles.ts';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bindCountries } from '../countries/api.ts';
import { bindNumbers } from '../numbers/api.ts';
import type { Write } from '../platform/table.ts';
import { bindRequestRoom } from '../requests/bind-all.ts';
import { fileRequestWrites } from '../requests/opening.ts';
import type { NumberWanted } from '../tenants/act.ts';
import { bindTenants } from '../tenants/api.ts';
import type { Binding } from './base-app.ts';

/** Every room whose lines ask no carrier: on AWS those that do are another function, which alone reads carriers' credentials. */
export const bindRooms: readonly Binding[] = [
  bindRequestRoom,
  bindNumbers,
  (on, deps) => bindTenants(on, { ...deps, fileNumberRequest: (wanted) => fileForUser(deps, wanted) }),
  bindCompliance,
  (on, deps) => bindBundles(on, { ...deps, manifests: MANIFESTS }),
  bindCountries,
];

/** A new user's number: in the wished area, else any local one (S0-2), ringing the user's extension. */
function fileForUser(deps: ApiDeps, wanted: NumberWanted): Promise<readonly Write[]> {
  const { scope, who, at, country, areaCode, extensionId, user } = wanted;
  const assignment = { ownership: 'private', target: { type: 'extension', id: extensionId }, primary: true } as const;
  const input = { country, areaCode, assignment, name: user.name, purpose: 'local_presence' } as const;
  return fileRequestWrites(deps, scope, who, { ...input, alternatives: [{}] }, at);
}
