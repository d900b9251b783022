/** The clients that users of the service really have, in a Python of their own: kserve, tritonclient, grpcurl's like. */
import path from 'node:path';
import { PROJECT_ROOT } from '../processes.mjs';
import { ensureVenv } from '../venv.mjs';

/**
 * Installs them into .cache/clients-venv where they are not there yet.
 * @param {(line: string) => void} log
 * @returns {Promise<{ key: string, programs: string }>} `programs` is the folder of python and schemathesis
 * @throws {import('../venv.mjs').PythonUnavailable}
 */
export function ensureClients(log) {
  return ensureVenv({
    name: 'clients-venv',
    what: 'the official clients (kserve, tritonclient, schemathesis)',
    requirements: path.join(PROJECT_ROOT, 'scripts', 'clients', 'requirements.txt'),
    log,
  });
}
