import type { AnyTensor } from '../../../tensor.js';
import { type AskedFor, inputsOf, requestedSlice, subjectOf, toInferResult } from '../answer.js';
import type { SharedTensor, TritonInferRequest, TritonInferResult } from '../inference.js';
import { sliceParameters, wireParameters } from '../parameters.js';
import { listOf } from '../../../oip/grpc/contents.js';
import type { InferRequestMessage, InferResponseMessage } from '../../../oip/grpc/messages.js';
import { fromParameterMessages, toParameterMessages } from '../../../oip/grpc/parameter-values.js';
import { bytesOfTensor, tensorOfBytes } from '../../../oip/tensor-bytes.js';
import { parseTensorHead } from '../../../oip/tensor-head.js';
import { tensorOfValues } from '../../../oip/tensor-values.js';
import { invalidAnswer, outputsOf } from '../upstream-error.js';

/**
 * Writes a request with raw contents: views on the tensors, whose data must not change until the call has ended.
 * @param remainingMs what is left of the call's deadline, for the queue time `'remaining'`
 * @throws ServiceError `invalid_argument` as wireParameters
 */
export function toInferMessage(request: TritonInferRequest, remainingMs: () => number): InferRequestMessage {
  const inputs = inputsOf(request);
  const { model, version = '', id = '', outputs = [] } = request;
  return {
    model_name: model,
    model_version: version,
    id,
    parameters: toParameterMessages(wireParameters(request, remainingMs)),
    inputs: inputs.map(([name, tensor]) => {
      const { datatype, shape } = tensor;
      const parameters = 'sharedMemory' in tensor ? toParameterMessages(sliceParameters(tensor.sharedMemory)) : {};
      return { name, datatype, shape, parameters };
    }),
    outputs: outputs.map((output) => {
      const { name, classification, sharedMemory } = typeof output === 'string' ? { name: output } : output;
      const parameters = {
        ...(classification !== undefined && { classification: { int64_param: classification } }),
        ...(sharedMemory !== undefined && toParameterMessages(sliceParameters(sharedMemory))),
      };
      return { name, parameters };
    }),
    raw_input_contents: inputs.flatMap(([, tensor]) => ('sharedMemory' in tensor ? [] : [bytesOfTensor(tensor)])),
  };
}

/**
 * Reads an answer, with raw contents as Triton's, or with typed contents.
 * The tensors are views on the received message where they lie aligned.
 * @throws ServiceError `upstream_error` when the message is no answer to the request
 */
export function fromInferMessage(request: AskedFor, message: InferResponseMessage): TritonInferResult {
  const subject = subjectOf(request);
  const raw = message.raw_output_contents;
  if (raw.length > 0 && raw.length !== message.outputs.length) {
    throw invalidAnswer(subject, `${message.outputs.length} outputs have ${raw.length} raw contents`);
  }
  const received = new Map<string, AnyTensor | SharedTensor>();
  for (const [index, output] of message.outputs.entries()) {
    received.set(output.name, toTensor(request, output, raw[index]));
  }
  const { model_name: model, model_version: version, id, parameters } = message;
  return toInferResult(request, { model, version, id, parameters: fromParameterMessages(parameters), received });
}

function toTensor(
  request: AskedFor,
  { name, datatype, shape, contents }: InferResponseMessage['outputs'][number],
  bytes: Uint8Array | undefined,
): AnyTensor | SharedTensor {
  const side = outputsOf(subjectOf(request));
  const head = parseTensorHead({ name, datatype, shape: shape.map(Number) }, side);
  const sharedMemory = requestedSlice(request, name);
  // Triton holds the place of such an output with empty raw contents.
  if (sharedMemory !== undefined && (bytes?.byteLength ?? 0) === 0 && contents === null) {
    return { datatype: head.datatype, shape: head.shape, sharedMemory };
  }
  return bytes === undefined
    ? tensorOfValues(head, listOf(contents, head.datatype), side)
    : tensorOfBytes(head, bytes, side);
}
