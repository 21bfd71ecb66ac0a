import { carrierContract } from '../contracts/carrier.ts';
import { toyAdapter, toyManifest } from './toy-adapter.ts';
import { toySimulator } from './toy-simulator.ts';

// The contract itself, tried on the smallest carrier that meets it.
carrierContract({
  manifest: toyManifest,
  simulator: toySimulator,
  credentials: { WAVIX_API_KEY: 'toy-key-0123456789' },
  adapter: toyAdapter,
});
