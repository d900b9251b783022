import { excerpt, ServiceError } from '../../errors.js';
import type { ParameterValue } from '../../oip/parameters.js';
import { toCallOptions } from '../network-predictor.js';
import type { RepositoryCalls, RepositoryParameters } from '../predictor.js';
import type { LoadModelRequest } from './administration.js';
import { kindOf } from './kind-of.js';
import type { ModelConfig } from './models/model-config.js';
import type { TritonClient } from './triton-client.js';

const FILE_PREFIX = 'file:';

/** RFC 4648, 4, as JSON carries files; in groups of four, which a pattern for megabytes cannot count. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const BASE64_GROUP = 4;

/** A client's repository, as a predictor has it. */
export function createPredictorRepository(
  client: Pick<TritonClient, 'repositoryIndex' | 'loadModel' | 'unloadModel'>,
): RepositoryCalls {
  return {
    index: async ({ ready = false }, options) => client.repositoryIndex({ ready }, toCallOptions(options)),
    load: async ({ model, parameters }, options) =>
      client.loadModel({ model, ...loadFieldsOf(parameters ?? {}) }, toCallOptions(options)),
    unload: async ({ model, parameters }, options) =>
      client.unloadModel({ model, unloadDependents: unloadsDependents(parameters ?? {}) }, toCallOptions(options)),
  };
}

function loadFieldsOf(parameters: RepositoryParameters): Pick<LoadModelRequest, 'config' | 'files'> {
  const { config, ...others } = parameters;
  const files = Object.entries(others).map(([name, value]) => {
    if (!name.startsWith(FILE_PREFIX)) throw unknownParameter(name, 'config and file:<version>/<name>');
    return [name.slice(FILE_PREFIX.length), toBytes(name, value)] as const;
  });
  return {
    ...(config !== undefined && { config: toConfig(config) }),
    ...(files.length > 0 && { files: Object.fromEntries(files) }),
  };
}

function toConfig(value: ParameterValue | Uint8Array): ModelConfig {
  const config = typeof value === 'string' ? parsedJson(value) : undefined;
  // The server says what is wrong within it.
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config as ModelConfig;
  const received = typeof value === 'string' ? JSON.stringify(excerpt(value)) : kindOf(value);
  throw invalid(`parameters.config must be a JSON object as text; received ${received}`);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What it is instead stands in the message.
    return undefined;
  }
}

/** gRPC carries files as bytes, JSON as base64. */
function toBytes(name: string, value: ParameterValue | Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string' && value.length % BASE64_GROUP === 0 && BASE64.test(value)) {
    return Buffer.from(value, 'base64');
  }
  throw invalid(`parameters.${excerpt(name)} must be a file's bytes, in JSON as base64; received ${kindOf(value)}`);
}

function unloadsDependents(parameters: RepositoryParameters): boolean {
  const { unload_dependents: unloadDependents = false, ...others } = parameters;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw unknownParameter(unknown, 'unload_dependents');
  if (typeof unloadDependents === 'boolean') return unloadDependents;
  throw invalid(`parameters.unload_dependents must be true or false; received ${kindOf(unloadDependents)}`);
}

function unknownParameter(name: string, known: string): ServiceError {
  return invalid(`parameters: ${JSON.stringify(excerpt(name))} is not known; there are ${known}`);
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_argument', message);
}
