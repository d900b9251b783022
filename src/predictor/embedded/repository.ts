import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ServiceError } from '../../errors.js';
import { createConfigParser, type ModelConfig } from './model-config.js';
import type { LeftOutModel } from './messages.js';
import type { ModelSpec } from './model-spec.js';

/** A model that can be loaded. */
export interface LoadableModel {
  readonly spec: ModelSpec;
  readonly version: string;
  readonly file: string;
}

/** A model of the repository: ready to be loaded, or why it cannot be. */
export type RepositoryModel = LoadableModel | LeftOutModel;

/**
 * Reads a model repository laid out as Triton's: `<model>/config.pbtxt` and `<model>/<version>/model.onnx`. Of the
 * versions that the policy allows, the highest is served.
 * @throws ServiceError `unavailable` when the folder itself cannot be read; a broken model is data, its neighbours go on
 */
export function readRepository(folder: string): readonly RepositoryModel[] {
  const parseConfig = createConfigParser();
  return modelNames(folder).map((name) => readModel(path.join(folder, name), name, parseConfig));
}

function modelNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    throw new ServiceError('unavailable', `The model repository ${folder} cannot be read`, { cause });
  }
}

function readModel(folder: string, name: string, parseConfig: ReturnType<typeof createConfigParser>): RepositoryModel {
  try {
    const config = parseConfig(readConfig(folder), name);
    return { spec: config.spec, ...findVersion(folder, config) };
  } catch (thrown) {
    if (!(thrown instanceof ServiceError)) throw thrown;
    return { name, problem: thrown.message, isForTriton: thrown.code === 'unimplemented' };
  }
}

function readConfig(folder: string): string {
  const file = path.join(folder, 'config.pbtxt');
  if (!existsSync(file)) throw new ServiceError('not_found', 'config.pbtxt is missing');
  return readFileSync(file, 'utf8');
}

/** The version that is served, and its file. */
function findVersion(folder: string, { versions, filename }: ModelConfig): { version: string; file: string } {
  const [latest] = readdirSync(folder)
    .filter((name) => /^[1-9]\d*$/.test(name) && (versions?.includes(Number(name)) ?? true))
    .sort((a, b) => Number(b) - Number(a));
  const file = path.join(latest ?? '1', filename);
  if (latest !== undefined && existsSync(path.join(folder, file))) {
    return { version: latest, file: path.join(folder, file) };
  }
  throw new ServiceError(
    'not_found',
    `${file} is missing; the models that come with the project are built by "npm run models"`,
  );
}
