/** Unit and end-to-end tests without Python or network; what needs a real Triton is in jest.triton.config.js. */
export default {
  rootDir: '.',
  testEnvironment: '<rootDir>/test/environment.js',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/integration/'],
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^common-data-type$': '<rootDir>/common-data-type/src/index.ts',
    '^kserver_client$': '<rootDir>/client/src/index.ts',
  },
  transform: {
    '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/test/tsconfig.json', diagnostics: false }],
  },
  testTimeout: 30_000,
  coverageProvider: 'v8',
  // Left out: what runs in processes and threads of its own, where it is not counted (test/e2e, test/client/command and
  // the predictors' contract run it), and what holds types alone.
  collectCoverageFrom: [
    '{src,common-data-type/src,client/src}/**/*.ts',
    '!src/{index,app}.ts',
    '!src/**/worker-entry.ts',
    '!src/predictor/create-predictor.ts',
    '!src/predictor/embedded/{repository,runtime-tensor,session}.ts',
    '!src/observability/logger.ts',
    '!client/src/{cli,json-document,run-job}.ts',
    '!src/{predictor/predictor,predictor/triton/transport,transformers/transformer,imaging/picture}.ts',
    '!src/imaging/headers/size-reader.ts',
    '!src/transformers/facequality/face.ts',
    '!src/transformers/facequality/measures/pixel-measures.ts',
  ],
  coverageThreshold: { global: { lines: 90, branches: 85 } },
};
