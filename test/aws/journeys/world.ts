import { simulators } from '../../../cli/simulators.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import { getMe } from '../../../functions/api/system-routes.ts';
import { createClient } from '../../../functions/contract/client.ts';
import type { World } from '../../../local/demo/world.ts';
import type { Deployed } from './installation.ts';

/** The demo's story played at a deployed gateway: the same world, reached by its addresses. */
export function deployedWorld(deployed: Deployed, terminal: Terminal): World {
  const { url, simulators: carriersUrl, patienceMs, token } = deployed;
  return {
    ...{ url, carriersUrl, patienceMs, terminal, logPath: 'the log of the emulator' },
    carriers: simulators(carriersUrl),
    async signIn(email, tenant) {
      const client = createClient({ baseUrl: url, token: await token(email), ...(tenant ? { tenant } : {}) });
      const { name, roles } = (await client.call(getMe)).body;
      return { name, email, roles, client };
    },
    mails: () => Promise.reject(new Error('mails are read from the mail service')),
    close: async () => undefined,
  };
}
