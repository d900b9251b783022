import { ServiceError } from '../../errors.js';

/**
 * Statuses by which a server says of itself or of a model that it does not answer now. Over HTTP they are 400 (Triton),
 * 404 and 503 (other servers of the Open Inference Protocol).
 */
const NOT_READY: readonly string[] = ['INVALID_ARGUMENT', 'NOT_FOUND', 'UNAVAILABLE'];

/**
 * What a server says of its readiness; false also where it says so by a status.
 * @throws ServiceError when it said nothing, or something else
 */
export async function readinessOf(answer: Promise<boolean>): Promise<boolean> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ServiceError && NOT_READY.includes(error.upstream?.status ?? '')) return false;
    throw error;
  }
}
