import { inputsOf } from '../answer.js';
import type { TritonInferRequest } from '../inference.js';
import { checkInputs } from './check-inputs.js';
import { checkOutputs } from './check-outputs.js';
import type { ModelDescription } from './model-description.js';
import { refusal } from './refusal.js';

/** How a request is sent: by a call with one answer, or over a stream. */
export type InferRpc = 'unary' | 'stream';

/**
 * Refuses a request that its model would refuse: unknown names, missing inputs, datatypes, shapes, batches, outputs
 * that cannot be classified, a missing sequence, a decoupled model called for one answer. The rules are Triton's own;
 * what a server may accept is passed.
 * @throws ServiceError `invalid_argument`, with what the model wants
 */
export function checkRequest(
  request: TritonInferRequest,
  description: ModelDescription,
  rpc: InferRpc = 'unary',
): void {
  const { name: model, isDecoupled, needsSequenceId } = description;
  if (isDecoupled && rpc === 'unary') {
    throw refusal(
      `model ${model} is decoupled, it may answer a request any number of times; call inferStream or inferDecoupled`,
    );
  }
  if (needsSequenceId && request.sequence === undefined) {
    throw refusal(`sequence must name the sequence that the request belongs to for model ${model}; received none`);
  }
  checkInputs(inputsOf(request), description);
  if (request.outputs !== undefined) checkOutputs(request.outputs, description);
}
