import { describe } from 'vitest';
import { workflowsContract } from '../contracts/workflows.ts';
import { lab } from './workflows-lab.ts';

describe('the embedded workflows', () => {
  workflowsContract(async (machines, functions) => {
    const { workflows, pass, table } = lab(machines, functions);
    const close = async () => {
      await workflows.idle();
      await workflows.close();
      table.close();
    };
    return { workflows, pass, close };
  });
});
