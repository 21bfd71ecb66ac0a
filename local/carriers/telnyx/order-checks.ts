import type { JsonObject, SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { groupState } from './groups.ts';
import { Refused, text } from './replies.ts';
import { needsGroupFirst } from './requirements.ts';
import { wasSearched } from './search.ts';
import { applicationOf, profileOf } from './settings.ts';

/** Where the numbers are to point must exist. */
export function checkPlacement(world: SimWorld, body: JsonObject): void {
  const connection = text(body['connection_id']);
  const profile = text(body['messaging_profile_id']);
  if (connection !== '' && !applicationOf(world, connection))
    throw new Refused(422, '85004', 'The connection does not exist', '/connection_id');
  if (profile !== '' && !profileOf(world, profile))
    throw new Refused(422, '85005', 'The messaging profile does not exist', '/messaging_profile_id');
}

/** The number of this line of an order, if it may be ordered now. */
export function orderable(world: SimWorld, entry: JsonObject, pointer: string): SimNumber {
  const number = world.numbers.find(text(entry['phone_number']));
  const isFree = number?.state === 'available' || number?.state === 'reserved';
  if (number && isFree && world.faults.take('gone_at_purchase', 'order'))
    world.numbers.save({ ...number, state: 'released', data: { ...number.data, soldElsewhere: true } });
  else if (number && isFree) {
    if (number.state === 'available' && !wasSearched(world, number.number))
      throw new Refused(422, '85000', `${number.number} was not in a recent search`, pointer);
    const group = text(entry['requirement_group_id']);
    const place = `${pointer}/requirement_group_id`;
    if (group !== '' && groupState(world, group) === undefined)
      throw new Refused(422, '10027', 'The requirement group does not exist', place);
    if (group === '' && needsGroupFirst(number.country, number.type))
      throw new Refused(422, '10027', 'A requirement group is required for this country', place);
    return number;
  }
  throw new Refused(422, '85001', `${text(entry['phone_number'])} is not available`, pointer);
}
