import type { ServiceError } from '../errors.js';

/** Whose tensors are read: a client's inputs or a predictor's outputs. Decides how what is wrong with them is said. */
export interface TensorSide {
  readonly noun: 'input' | 'output';
  /** The error that says so. */
  readonly invalid: (problem: string, cause?: unknown) => ServiceError;
}
