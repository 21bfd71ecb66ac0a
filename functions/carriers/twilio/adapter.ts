import type { Carrier } from '../port.ts';
import { connect, type TwilioDeps, type TwilioOptions } from './connection.ts';
import { ordering } from './ordering.ts';
import { owning } from './owning.ts';
import { papersService } from './papers.ts';
import { searching } from './searching.ts';

/** Twilio behind the carrier interface, through the resource classes of its SDK. Throws `CarrierUnusable` without credentials. */
export function twilio(options: TwilioOptions, deps: TwilioDeps): Carrier {
  const connection = connect(options, deps);
  return {
    id: 'twilio',
    ...searching(connection),
    ...ordering(connection),
    ...owning(connection),
    papers: papersService(connection),
  };
}
