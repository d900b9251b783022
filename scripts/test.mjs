/** `npm test [-- jest arguments]`: sets up all that is missing, then runs the tests. */
import { runNode } from './processes.mjs';
import { setUp, SetupError } from './setup.mjs';

const JEST = 'node_modules/jest/bin/jest.js';

try {
  await setUp(console.log);
  process.exitCode = await runNode([
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    JEST,
    ...process.argv.slice(2),
  ]);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
