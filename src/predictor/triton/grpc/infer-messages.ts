import type { AnyTensor, Datatype } from '../../../tensor.js';
import { type AskedFor, inputsOf, requestedSlice, subjectOf, toInferResult } from '../answer.js';
import type { ParameterValue, SharedTensor, TritonInferRequest, TritonInferResult } from '../inference.js';
import { sliceParameters, wireParameters } from '../parameters.js';
import type {
  ContentsMessage,
  InferRequestMessage,
  InferResponseMessage,
  ParameterMessage,
  ParameterMessages,
} from './inference-rpcs.js';
import { bytesOfTensor, tensorOfBytes } from '../../../oip/tensor-bytes.js';
import { parseTensorHead } from '../../../oip/tensor-head.js';
import { tensorOfValues } from '../../../oip/tensor-values.js';
import { invalidAnswer, outputsOf } from '../upstream-error.js';

/** The list of InferTensorContents that holds each datatype; none can hold FP16 and BF16. */
const CONTENTS_FIELD = {
  BOOL: 'bool_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
} as const satisfies Record<Exclude<Datatype, 'FP16' | 'BF16'>, string>;

/** The greatest int64. */
const MAX_INT64 = 2n ** 63n - 1n;

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

function toParameterMessages(parameters: ReadonlyMap<string, ParameterValue>): ParameterMessages {
  return Object.fromEntries([...parameters].map(([name, value]) => [name, toParameterMessage(name, value)]));
}

function toParameterMessage(name: string, value: ParameterValue): ParameterMessage {
  switch (typeof value) {
    case 'string':
      return { string_param: value };
    case 'boolean':
      return { bool_param: value };
    case 'bigint':
      // Triton takes a priority beyond int64 as uint64, but a sequence id as the int64 of the same 64 bits alone.
      return value > MAX_INT64 && name !== 'sequence_id'
        ? { uint64_param: String(value) }
        : { int64_param: String(BigInt.asIntN(64, value)) };
    default:
      return Number.isSafeInteger(value) ? { int64_param: value } : { double_param: value };
  }
}

function fromParameterMessages(messages: ParameterMessages): Record<string, ParameterValue> {
  return Object.fromEntries(Object.entries(messages).map(([name, message]) => [name, fromParameterMessage(message)]));
}

function fromParameterMessage(message: ParameterMessage): ParameterValue {
  const integer = message.int64_param ?? message.uint64_param;
  if (integer === undefined) return message.string_param ?? message.bool_param ?? message.double_param ?? '';
  const exact = Number(integer);
  return Number.isSafeInteger(exact) ? exact : BigInt(integer);
}

function listOf(contents: ContentsMessage | null, datatype: Datatype): readonly unknown[] {
  if (contents === null || datatype === 'FP16' || datatype === 'BF16') return [];
  return contents[CONTENTS_FIELD[datatype]] ?? [];
}
