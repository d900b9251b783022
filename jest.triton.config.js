import base from './jest.config.js';

/** Tests against the real Triton that scripts/test-triton.mjs starts; one after the other, since they share it. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 120_000,
  maxWorkers: 1,
};
