import { excerpt, ServiceError } from '../../errors.js';
import type { ModelReference } from './administration.js';
import { kindOf } from './kind-of.js';

/** Triton's paths and its gRPC service take nothing else for a version. */
const VERSION = /^\d+$/;

/** A model and its version as both protocols write them. */
export interface ModelName {
  readonly model: string;
  /** '' leaves the choice to the server. */
  readonly version: string;
}

/**
 * Reads which model is meant.
 * @throws ServiceError `invalid_argument` when the name is empty or the version is no number
 */
export function modelName(reference: ModelReference): ModelName {
  const { model, version = '' } = typeof reference === 'object' ? reference : { model: reference };
  assertName('model', model);
  assertVersion(version);
  return { model, version };
}

function assertVersion(version: unknown): void {
  if (typeof version === 'string' && (version === '' || VERSION.test(version))) return;
  const received = typeof version === 'string' ? JSON.stringify(excerpt(version)) : kindOf(version);
  throw new ServiceError('invalid_argument', `version must be digits, such as "2"; received ${received}`);
}

/**
 * Refuses what is no text, and an empty name, which the server would take for all of them, or for none.
 * @param field what is named, for the message: `model`
 * @throws ServiceError `invalid_argument`
 */
export function assertName(field: string, name: unknown): asserts name is string {
  if (typeof name !== 'string') {
    throw new ServiceError('invalid_argument', `${field} must be text; received ${kindOf(name)}`);
  }
  if (name === '') throw new ServiceError('invalid_argument', `${field} must not be empty`);
}
