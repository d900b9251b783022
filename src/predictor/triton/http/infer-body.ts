import { excerpt } from '../../../errors.js';
import type { AnyTensor } from '../../../tensor.js';
import { inputsOf, requestedSlice, subjectOf, toInferResult } from '../answer.js';
import type { SharedTensor, TritonInferRequest, TritonInferResult } from '../inference.js';
import { sliceParameters, wireParameters } from '../parameters.js';
import { jsonOfParameters } from '../../../oip/parameters.js';
import { bytesOfTensor, tensorOfBytes } from '../../../oip/tensor-bytes.js';
import { parseTensorHead } from '../../../oip/tensor-head.js';
import { tensorOfValues } from '../../../oip/tensor-values.js';
import { invalidAnswer, outputsOf } from '../upstream-error.js';
import { type AnswerOutput, parseInferAnswer } from './infer-answer.js';

/** The length in bytes of the JSON at the start of a body that goes on with binary tensors. */
export const HEADER_LENGTH = 'inference-header-content-length';

/** The body of one inference call: pieces to be sent one after the other, never joined. */
export interface HttpBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Uint8Array[];
}

/**
 * Writes a request by the binary tensor data extension: JSON, then the bytes of each input that is not in shared memory,
 * without padding. The pieces are views on the tensors, which must not change until the call is over.
 * @param remainingMs what is left of the call's deadline, for the queue time `'remaining'`
 * @throws ServiceError `invalid_argument` as wireParameters
 */
export function encodeInferRequest(request: TritonInferRequest, remainingMs: () => number): HttpBody {
  const inputs: string[] = [];
  const pieces: Uint8Array[] = [];
  for (const [name, tensor] of inputsOf(request)) {
    const { datatype, shape } = tensor;
    if ('sharedMemory' in tensor) {
      inputs.push(
        JSON.stringify({ name, datatype, shape, parameters: Object.fromEntries(sliceParameters(tensor.sharedMemory)) }),
      );
      continue;
    }
    const bytes = bytesOfTensor(tensor);
    inputs.push(JSON.stringify({ name, datatype, shape, parameters: { binary_data_size: bytes.byteLength } }));
    pieces.push(bytes);
  }
  const parameters = wireParameters(request, remainingMs);
  if (request.outputs === undefined) parameters.set('binary_data_output', true);
  const fields = [
    ...(request.id === undefined ? [] : [`"id":${JSON.stringify(request.id)}`]),
    ...(parameters.size === 0 ? [] : [`"parameters":${jsonOfParameters(parameters)}`]),
    `"inputs":[${inputs.join(',')}]`,
    ...(request.outputs === undefined ? [] : [`"outputs":${JSON.stringify(request.outputs.map(toWireOutput))}`]),
  ];
  const header = Buffer.from(`{${fields.join(',')}}`, 'utf8');
  return {
    headers: { 'content-type': 'application/octet-stream', [HEADER_LENGTH]: String(header.byteLength) },
    pieces: [header, ...pieces],
  };
}

/**
 * Reads an answer: outputs as binary data behind the JSON, or as JSON from a server that passes over the wish for binary.
 * The tensors are views on `body` where they lie aligned.
 * @param headerLength the answer's `Inference-Header-Content-Length`; all of the body is JSON when absent
 * @throws ServiceError `upstream_error` when the body is no answer to the request
 */
export function decodeInferResponse(
  request: TritonInferRequest,
  body: Uint8Array,
  headerLength: string | undefined,
): TritonInferResult {
  const subject = subjectOf(request);
  const jsonLength = headerLength === undefined ? body.byteLength : lengthOf(headerLength);
  if (!(jsonLength <= body.byteLength)) {
    const said = JSON.stringify(excerpt(headerLength ?? ''));
    throw invalidAnswer(subject, `its JSON ends at ${said}, but the body at ${body.byteLength}`);
  }
  const { outputs, ...answer } = parseInferAnswer(body.subarray(0, jsonLength), subject);
  const received = new Map<string, AnyTensor | SharedTensor>();
  let offset = jsonLength;
  for (const output of outputs) {
    const end = offset + (output.binaryBytes ?? 0);
    if (end > body.byteLength) throw invalidAnswer(subject, `the body ends within output ${excerpt(output.name)}`);
    if (received.has(output.name)) throw invalidAnswer(subject, `output ${excerpt(output.name)} comes twice`);
    received.set(output.name, toTensor(request, output, body.subarray(offset, end)));
    offset = end;
  }
  if (offset !== body.byteLength) throw invalidAnswer(subject, `${body.byteLength - offset} bytes belong to no output`);
  return toInferResult(request, { ...answer, received });
}

/** A header's length in bytes; NaN when it is none. */
function lengthOf(header: string): number {
  return /^\d+$/.test(header) ? Number(header) : NaN;
}

function toTensor(request: TritonInferRequest, output: AnswerOutput, bytes: Uint8Array): AnyTensor | SharedTensor {
  const subject = subjectOf(request);
  const side = outputsOf(subject);
  const head = parseTensorHead(output, side);
  if (output.binaryBytes !== undefined) return tensorOfBytes(head, bytes, side);
  if (output.values !== undefined) return tensorOfValues(head, output.values, side);
  const sharedMemory = requestedSlice(request, head.name);
  if (sharedMemory === undefined) throw invalidAnswer(subject, `output ${excerpt(head.name)} has no data`);
  return { datatype: head.datatype, shape: head.shape, sharedMemory };
}

function toWireOutput(output: NonNullable<TritonInferRequest['outputs']>[number]): unknown {
  const { name, classification, sharedMemory } = typeof output === 'string' ? { name: output } : output;
  if (sharedMemory !== undefined) return { name, parameters: Object.fromEntries(sliceParameters(sharedMemory)) };
  return { name, parameters: { binary_data: true, ...(classification !== undefined && { classification }) } };
}
