/** The Python that models are trained with: PyTorch, ONNX and what draws pictures. */
import path from 'node:path';
import { PROJECT_ROOT } from '../processes.mjs';
import { ensureVenv } from '../venv.mjs';

/**
 * Installs it into .cache/training-venv where it is not there yet.
 * @param {(line: string) => void} log
 * @returns {Promise<string>} the path of its Python
 * @throws {import('../venv.mjs').PythonUnavailable}
 */
export async function ensureTrainingPython(log) {
  const { programs } = await ensureVenv({
    name: 'training-venv',
    what: 'PyTorch and what the training scripts need beside it',
    requirements: path.join(PROJECT_ROOT, 'training', 'requirements.txt'),
    // PyPI's torch for Linux wants the libraries of a graphics card, whose list is its own; other builds want none.
    resolves: true,
    log,
  });
  return path.join(programs, 'python');
}
