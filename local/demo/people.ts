import { getMe } from '../../functions/api/system-routes.ts';
import type { Say } from './stage.ts';
import type { Person, World } from './world.ts';

/** Who plays: a customer and the admin of the tenant Acme, and two of customer success who act for it. */
export interface People {
  readonly pam: Person;
  readonly alex: Person;
  readonly chris: Person;
  readonly sam: Person;
}
/** Ready-made ids of a local installation (local/people.ts). */
export const ACME = 'ten_00000000000000000000000001';
export const PAM = 'usr_00000000000000000000000001';
export const PAMS_EXTENSION = 'ext_00000000000000000000000001';

/** Four people sign in; the gateway itself says who they are. */
export async function signIn(world: World, say: Say): Promise<People> {
  const pam = await world.signIn('customer@acme.example');
  const alex = await world.signIn('admin@acme.example');
  const chris = await world.signIn('cs@numbergate.example', ACME);
  const sam = await world.signIn('cs2@numbergate.example', ACME);
  const roleOf = async ({ client }: Person) => (await client.call(getMe)).body.roles.join(', ');
  say.holds(`${pam.name} of Acme`, await roleOf(pam), 'customer');
  say.holds(`${alex.name} of Acme`, await roleOf(alex), 'tenant_admin');
  say.holds(`${chris.name} of customer success`, await roleOf(chris), 'customer_success');
  say.holds(`${sam.name}, a second one`, await roleOf(sam), 'customer_success');
  return { pam, alex, chris, sam };
}
