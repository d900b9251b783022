import type { AnyTensor } from '../../tensor.js';
import type { InferRequest, InferResponse } from '../predictor.js';
import { invalidAnswer } from './upstream-error.js';

/** What is asked of, for messages. */
export function subjectOf(request: Pick<InferRequest, 'model'>): string {
  return `model ${request.model}`;
}

/**
 * The answer to a request: the outputs that were asked for, in that order; all of them when none was named.
 * @throws ServiceError `upstream_error` when an output asked for is missing
 */
export function toInferResponse(request: InferRequest, received: ReadonlyMap<string, AnyTensor>): InferResponse {
  if (request.outputs === undefined) return { outputs: received };
  const outputs = new Map<string, AnyTensor>();
  for (const name of request.outputs) {
    const tensor = received.get(name);
    if (tensor === undefined) throw invalidAnswer(subjectOf(request), `output ${name} is missing`);
    outputs.set(name, tensor);
  }
  return { outputs };
}
