/**
 * `node scripts/ci-summary.mjs FOLDER`: adds up what .ci/run noted there. For each check a `<name>.code` with its exit
 * code and, where the check is a jest run, its `<name>.json`. Ends with 1 when anything failed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The checks that are jest runs: without a report they ran no test, skipped or failed before the first. */
const JEST_RUNS = ['test', 'triton'];

const [folder] = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.code'))
  .map((file) => path.basename(file, '.code'));

let passed = 0;
let failed = 0;
for (const name of names) {
  const result = resultOf(name);
  passed += result.passed;
  failed += result.failed;
  if (result.failed > 0) console.log(`failed: ${name} (${result.failed})`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** A jest run counts as its tests, and as one failure when it fails without a failed test. */
function resultOf(name) {
  const hasFailed = readFileSync(path.join(folder, `${name}.code`), 'utf8').trim() !== '0';
  const report = path.join(folder, `${name}.json`);
  if (!existsSync(report)) return { passed: hasFailed || JEST_RUNS.includes(name) ? 0 : 1, failed: hasFailed ? 1 : 0 };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failed: hasFailed ? Math.max(1, numFailedTests) : numFailedTests };
}
