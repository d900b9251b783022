import { ServiceError } from '../errors.js';
import type { TensorSide } from '../oip/tensor-side.js';

/** Clients' inputs, for those who read them: what is wrong with one is the client's fault. */
export const INPUTS: TensorSide = { noun: 'input', invalid: (problem, cause) => invalidInput(problem, cause) };

/** An error of a client's request. */
export function invalidInput(problem: string, cause?: unknown): ServiceError {
  return new ServiceError('invalid_argument', problem, cause === undefined ? {} : { cause });
}

/**
 * The error of a tensor that lies in shared memory, which the server and its predictor need not have in common.
 * @param tensor `input "image"`
 */
export function noSharedMemory(tensor: string): ServiceError {
  return invalidInput(`${tensor}: shared memory regions cannot be used through this server; send the data`);
}
