import { ServiceError } from '../errors.js';
import type { TensorHead } from '../oip/tensor-head.js';
import type { TensorSide } from '../oip/tensor-side.js';
import { elementCount } from '../tensor.js';

/** As many as a body of JSON may hold strings. An element of four bytes on the wire takes more than a hundred in memory. */
const MAX_BYTES_ELEMENTS = 1_000_000;

/** Clients' inputs, for those who read them: what is wrong with one is the client's fault. */
export const INPUTS: TensorSide = { noun: 'input', invalid: (problem, cause) => invalidInput(problem, cause) };

/** An error of a client's request. */
export function invalidInput(problem: string, cause?: unknown): ServiceError {
  return new ServiceError('invalid_argument', problem, cause === undefined ? {} : { cause });
}

/**
 * Checks, before the inputs' data are read, that they hold no more elements of BYTES than a request may.
 * @throws ServiceError `invalid_argument` naming the bound
 */
export function assertFewBytesElements(heads: readonly Pick<TensorHead, 'datatype' | 'shape'>[]): void {
  const count = heads
    .filter(({ datatype }) => datatype === 'BYTES')
    .reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (count <= MAX_BYTES_ELEMENTS) return;
  throw invalidInput(`the inputs have ${count} elements of BYTES, more than ${MAX_BYTES_ELEMENTS}`);
}

/**
 * The error of a tensor that lies in shared memory, which the server and its predictor need not have in common.
 * @param tensor `input "image"`
 */
export function noSharedMemory(tensor: string): ServiceError {
  return invalidInput(`${tensor}: shared memory regions cannot be used through this server; send the data`);
}
