/**
 * `npm run models [-- text_classification]`: builds what is missing of the model repository triton-models/; large models
 * only where they are named. See triton-models/README.md.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MODELS, SOURCE_PACKAGE } from './models/catalogue.mjs';
import { sha256 } from './models/checksum.mjs';
import { readIfThere, writeAtomically } from './models/files.mjs';
import { fetchTarball } from './models/tarball.mjs';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const REPOSITORY = path.join(PROJECT, 'triton-models');
const CACHE = path.join(PROJECT, '.cache', 'models');

/**
 * Makes sure that every model of the catalogue lies in the repository, with the checksum that the catalogue names.
 * Does nothing where that is so; may run twice at once.
 * @param {object} options
 * @param {(line: string) => void} options.log
 * @param {string} [options.repository] the model repository
 * @param {string} [options.cache] the folder that keeps the tarball
 * @param {NodeJS.ProcessEnv} [options.env] the environment that npm runs in
 * @param {import('./models/tarball.mjs').SourcePackage} [options.source]
 * @param {readonly import('./models/catalogue.mjs').CatalogueModel[]} [options.models]
 */
export async function ensureModels({
  log,
  repository = REPOSITORY,
  cache = CACHE,
  env = process.env,
  source = SOURCE_PACKAGE,
  models = MODELS,
}) {
  const missing = [];
  for (const model of models) if (!(await isBuilt(repository, model))) missing.push(model);
  if (missing.length === 0) {
    log(`models: all ${models.length} are built`);
    return;
  }
  const tarball = await fetchTarball({ source, cache, project: PROJECT, env, log });
  // The modules that know ONNX are loaded where there is something to build: else they would be most of a run's time.
  const [{ extractFiles }, { editModel }] = await Promise.all([
    import('./models/extract.mjs'),
    import('./models/edit.mjs'),
  ]);
  const originals = await extractFiles(tarball, new Map(missing.map(({ file, sha256 }) => [file, sha256])));
  for (const model of missing) {
    const bytes = editModel(originals.get(model.file), model.edits);
    checkBuilt(model, bytes);
    await writeAtomically(modelFile(repository, model), bytes);
    log(`models: built ${model.name} (${(bytes.length / 1e6).toFixed(2)} MB)`);
  }
}

/** Models that are large, so that they are fetched for those who ask for them. */
const ON_DEMAND = {
  text_classification: async (options) =>
    (await import('./models/text-classification/build.mjs')).ensureTextClassification(options),
};

/**
 * Makes sure that a large model lies in the repository, fetching it where it does not.
 * @param {string} name one of the names that `npm run models -- NAME` takes
 * @param {{ log: (line: string) => void, repository?: string, cache?: string }} options
 * @throws {import('./venv.mjs').PythonUnavailable} when it cannot be had here, and why
 */
export async function ensureOnDemandModel(name, { log, repository = REPOSITORY, cache = CACHE }) {
  const ensure = Object.hasOwn(ON_DEMAND, name) ? ON_DEMAND[name] : undefined;
  if (ensure === undefined) throw new Error(`There is no model ${name} to fetch; there are: ${Object.keys(ON_DEMAND)}`);
  await ensure({ log, repository, cache });
}

function modelFile(repository, { name }) {
  return path.join(repository, name, '1', 'model.onnx');
}

async function isBuilt(repository, model) {
  const bytes = await readIfThere(modelFile(repository, model));
  return bytes !== undefined && sha256(bytes) === model.builtSha256;
}

function checkBuilt({ name, builtSha256 }, bytes) {
  const received = sha256(bytes);
  if (received === builtSha256) return;
  throw new Error(
    `Building ${name} gave another file than expected: SHA-256 ${received} instead of ${builtSha256}. ` +
      'Where that was changed on purpose, put the new one into scripts/models/catalogue.mjs.',
  );
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await ensureModels({ log: console.log });
    for (const name of process.argv.slice(2)) await ensureOnDemandModel(name, { log: console.log });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
