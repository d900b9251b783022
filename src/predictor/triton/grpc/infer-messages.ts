import type { AnyTensor, Datatype } from '../../../tensor.js';
import type { InferRequest, InferResponse } from '../../predictor.js';
import { subjectOf, toInferResponse } from '../answer.js';
import type { ContentsMessage, InferRequestMessage, InferResponseMessage, MetadataMessage } from './grpc-service.js';
import type { ModelMetadata } from '../models/model-info.js';
import { bytesOfTensor, tensorOfBytes } from '../tensors/tensor-bytes.js';
import { parseTensorHead } from '../tensors/tensor-head.js';
import { tensorOfValues } from '../tensors/tensor-values.js';
import { invalidAnswer } from '../upstream-error.js';

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

/** Writes a request with raw contents: views on the tensors, copied once when the message is put together. */
export function toInferMessage(request: InferRequest): InferRequestMessage {
  const inputs = [...request.inputs];
  return {
    model_name: request.model,
    inputs: inputs.map(([name, { datatype, shape }]) => ({ name, datatype, shape })),
    outputs: (request.outputs ?? []).map((name) => ({ name })),
    raw_input_contents: inputs.map(([, tensor]) => bytesOfTensor(tensor)),
  };
}

/**
 * Reads an answer, with raw contents as Triton's, or with typed contents.
 * The tensors are views on the received message where they lie aligned.
 * @throws ServiceError `upstream_error` when the message is no answer to the request
 */
export function fromInferMessage(request: InferRequest, message: InferResponseMessage): InferResponse {
  const subject = subjectOf(request);
  const raw = message.raw_output_contents;
  if (raw.length > 0 && raw.length !== message.outputs.length) {
    throw invalidAnswer(subject, `${message.outputs.length} outputs have ${raw.length} raw contents`);
  }
  const received = new Map<string, AnyTensor>();
  for (const [index, { name, datatype, shape, contents }] of message.outputs.entries()) {
    const head = parseTensorHead({ name, datatype, shape: shape.map(Number) }, subject);
    const bytes = raw[index];
    const tensor =
      bytes === undefined
        ? tensorOfValues(head, listOf(contents, head.datatype), subject)
        : tensorOfBytes(head, bytes, subject);
    received.set(name, tensor);
  }
  return toInferResponse(request, received);
}

/** A model's metadata with numbers for the wire's digits. */
export function fromMetadataMessage(message: MetadataMessage): ModelMetadata {
  const withNumbers = ({ name, datatype, shape }: MetadataMessage['inputs'][number]) => {
    return { name, datatype, shape: shape.map(Number) };
  };
  return { name: message.name, inputs: message.inputs.map(withNumbers), outputs: message.outputs.map(withNumbers) };
}

function listOf(contents: ContentsMessage | null, datatype: Datatype): readonly unknown[] {
  if (contents === null || datatype === 'FP16' || datatype === 'BF16') return [];
  return contents[CONTENTS_FIELD[datatype]] ?? [];
}
