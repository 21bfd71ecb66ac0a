import { defineConfig } from 'vitest/config';

/** What needs the AWS emulator: started and told of by `npm run test:aws`. */
export default defineConfig({
  test: {
    include: ['test/aws/**/*.aws.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
