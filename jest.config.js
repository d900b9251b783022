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
  collectCoverageFrom: ['src/**/*.ts', 'common-data-type/src/**/*.ts', 'client/src/**/*.ts'],
};
