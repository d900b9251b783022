/** The programs that train models: those of the folders in training/, one folder a service. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The program that a service's name alone stands for. */
const TRAIN = 'train';

/** A command line that names nothing that can be run; its message says what can be. */
export class UnknownScript extends Error {
  name = 'UnknownScript';
}

/**
 * @typedef {{ service: string, scripts: { name: string, about: string }[] }} Training `name` is the program's without
 *   `.py`, `about` the first line of its docstring
 */

/**
 * The services that have programs, and these, both sorted by name.
 * @param {string} folder training/
 * @returns {Promise<Training[]>}
 */
export async function listTrainings(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const services = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const trainings = await Promise.all(
    services.sort().map(async (service) => ({ service, scripts: await scriptsIn(path.join(folder, service)) })),
  );
  return trainings.filter(({ scripts }) => scripts.length > 0);
}

/**
 * Finds the program that a command line means by its first argument: `mnist` is mnist/train.py, `mnist/evaluate` another
 * one of that folder.
 * @param {string} name
 * @param {readonly Training[]} trainings
 * @returns {string} its path in training/
 * @throws {UnknownScript}
 */
export function findScript(name, trainings) {
  const [service, script = TRAIN, ...others] = name.split('/');
  const training = trainings.find((one) => one.service === service);
  if (training === undefined) {
    const known = trainings.map((one) => one.service).join(', ');
    throw new UnknownScript(`There is no training of ${name}; there are: ${known}`);
  }
  if (others.length > 0 || !training.scripts.some((one) => one.name === script)) {
    const known = training.scripts.map((one) => `${service}/${one.name}`).join(', ');
    throw new UnknownScript(`There is no ${service}/${[script, ...others].join('/')}; there are: ${known}`);
  }
  return path.join(service, `${script}.py`);
}

/** Those with a main part; the other files are their modules. */
async function scriptsIn(folder) {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.py')).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return files.flatMap((file, index) =>
    /^if __name__ == ["']__main__["']:/m.test(texts[index])
      ? [{ name: path.parse(file).name, about: firstLine(texts[index]) }]
      : [],
  );
}

/** Of a module's docstring. */
function firstLine(python) {
  return /^(?:#[^\n]*\n|\s)*[rR]?"""\s*([^\n]*?)\s*(?:"""|\n)/.exec(python)?.[1] ?? '';
}
