import { getMe } from '../../functions/api/system-routes.ts';
import { listExtensions } from '../../functions/tenants/people-routes.ts';
import type { Say } from './stage.ts';
import type { Person, World } from './world.ts';

/** Who plays: a customer and the admin of the tenant Acme, and two of customer success who act for it. */
export interface People {
  readonly pam: Person;
  readonly alex: Person;
  readonly chris: Person;
  readonly sam: Person;
  /** Ids of Pam as the gateway tells them. */
  readonly pamId: string;
  readonly pamsExtension: string;
}

/** Four people sign in; the gateway itself says who they are. */
export async function signIn(world: World, say: Say): Promise<People> {
  const pam = await world.signIn('customer@acme.example');
  const alex = await world.signIn('admin@acme.example');
  const { id: pamId, tenantId: acme } = (await pam.client.call(getMe)).body;
  const chris = await world.signIn('cs@numbergate.example', acme);
  const sam = await world.signIn('cs2@numbergate.example', acme);
  const roleOf = async ({ client }: Person) => (await client.call(getMe)).body.roles.join(', ');
  say.holds(`${pam.name} of Acme`, await roleOf(pam), 'customer');
  say.holds(`${alex.name} of Acme`, await roleOf(alex), 'tenant_admin');
  say.holds(`${chris.name} of customer success`, await roleOf(chris), 'customer_success');
  say.holds(`${sam.name}, a second one`, await roleOf(sam), 'customer_success');
  const { data: extensions } = (await alex.client.call(listExtensions)).body;
  const pamsExtension = extensions.find(({ userId }) => userId === pamId)?.id ?? 'none';
  return { pam, alex, chris, sam, pamId, pamsExtension };
}
