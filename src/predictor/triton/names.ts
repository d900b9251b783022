import { excerpt, ServiceError } from '../../errors.js';
import type { ModelReference } from './administration.js';

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
  const { model, version = '' } = typeof reference === 'string' ? { model: reference } : reference;
  assertName('model', model);
  if (version !== '' && !VERSION.test(version)) {
    const received = JSON.stringify(excerpt(version));
    throw new ServiceError('invalid_argument', `version must be digits, such as "2"; received ${received}`);
  }
  return { model, version };
}

/**
 * Refuses an empty name, which the server would take for all of them, or for none.
 * @param field what is named, for the message: `model`
 * @throws ServiceError `invalid_argument`
 */
export function assertName(field: string, name: string): void {
  if (name === '') throw new ServiceError('invalid_argument', `${field} must not be empty`);
}
