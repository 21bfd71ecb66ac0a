import { startSimulators } from '../../local/simulator.ts';
import { testClock } from '../contracts/carrier-start.ts';
import { toySimulator } from './toy-simulator.ts';

// A process of its own, to be killed without warning.
const simulators = await startSimulators({
  ...{ dataDir: process.argv[2] ?? '', port: 0, clock: testClock(), carriers: [toySimulator] },
  credentials: { WAVIX_API_KEY: 'k' },
  boundary: (point) => {
    if (point === process.argv[3]) process.kill(process.pid, 'SIGKILL');
  },
});
process.send?.(simulators.url);
