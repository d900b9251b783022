import type { IncomingMessage } from 'node:http';
import { excerpt } from '../../errors.js';
import { flatten } from '../../oip/flatten.js';
import { closeShape, OPEN_DIM } from '../../oip/open-shape.js';
import { parametersOfJson } from '../../oip/parameters.js';
import { tensorOfBytes } from '../../oip/tensor-bytes.js';
import { parseTensorHead, shapeText, type TensorHead } from '../../oip/tensor-head.js';
import { tensorOfValues } from '../../oip/tensor-values.js';
import type { InferRequest, ModelInfo, OutputChoice, TensorMetadata } from '../../predictor/predictor.js';
import { type AnyTensor, elementCount, TYPED_ARRAYS } from '../../tensor.js';
import { assertFewBytesElements, INPUTS, invalidInput, noSharedMemory } from '../input-side.js';
import { type ExactInferRequest, type InferRequestJson, parseInferRequestJson } from './infer-request-json.js';

/** The length in bytes of the JSON at the start of a body that goes on with binary tensors, in both directions. */
export const HEADER_LENGTH = 'inference-header-content-length';

/** What a request says of it; undefined when it does not. */
export function headerLengthOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const value = headers[HEADER_LENGTH];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The request's parameter by which all outputs are wanted as binary data. */
const BINARY_OUTPUT = 'binary_data_output';

/** A request, and in which form its client wants the answer. */
export interface ReadInferRequest {
  readonly request: Omit<InferRequest, 'model'>;
  /** Whether an output is wanted as binary data, by its name. */
  readonly isBinary: (output: string) => boolean;
}

/** One input of a request: its JSON, the same with all digits, and what it says of its tensor. */
interface InputPart {
  readonly input: InferRequestJson['inputs'][number];
  readonly exact: ExactInferRequest['exact']['inputs'][number] | undefined;
  readonly head: TensorHead;
}

/**
 * Reads the body of an inference request: JSON, or JSON with binary tensors behind it (Triton's binary tensor data
 * extension).
 * @param headerLength the request's `Inference-Header-Content-Length`; all of the body is JSON when undefined
 * @throws ServiceError `invalid_argument` when the body is no request, or a tensor's data do not fill its shape
 */
export function readInferBody(body: Buffer, headerLength: string | undefined): ReadInferRequest {
  const jsonBytes = headerLength === undefined ? body.length : jsonLength(headerLength, body.length);
  return readInferJson(parseInferRequestJson(body.subarray(0, jsonBytes)), body.subarray(jsonBytes));
}

/** Reads a body that is JSON alone and was parsed already. Throws as readInferBody. */
export function readParsedInferBody(body: Buffer, value: Readonly<Record<string, unknown>>): ReadInferRequest {
  return readInferJson(parseInferRequestJson(body, value), Buffer.alloc(0));
}

/**
 * Reads a body that is the bytes of the model's one input and nothing else: what `Inference-Header-Content-Length: 0`
 * means (binary tensor data extension, "Raw Binary Request"). The batch is of one; of the other dimensions one may be
 * of any size, and follows from the body's. All outputs are wanted as binary data.
 * @throws ServiceError `invalid_argument` when the model has another number of inputs, or the bytes do not fill it
 */
export function readRawBody(
  body: Buffer,
  { name: model, inputs }: Pick<ModelInfo, 'name' | 'inputs'>,
): ReadInferRequest {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    throw invalidInput(`A raw binary request needs a model of one input; "${model}" has ${inputs.length}`);
  }
  return { request: { inputs: new Map([[input.name, rawTensor(input, body)]]) }, isBinary: () => true };
}

/** The first dimension, where it is open, is the batch's, of one; another is as long as the bytes make it. */
function rawTensor({ name, datatype, shape: taken }: TensorMetadata, body: Buffer): AnyTensor {
  const dims = taken[0] === -1 && taken.length > 1 ? [1, ...taken.slice(1)] : taken;
  if (datatype === 'BYTES') {
    const shape = dims.map((dim) => (dim === -1 ? 1 : dim));
    if (elementCount(shape) === 1) return { datatype, shape, data: [body] };
    throw invalidInput(`A raw binary request is one element of BYTES; ${shown(name)} takes ${shapeText(shape)}`);
  }
  if (dims.filter((dim) => dim === -1).length > 1) {
    const open = `${shown(name)} takes ${shapeText(taken)}`;
    throw invalidInput(`A raw binary request needs an input with one open dimension at most beside the batch; ${open}`);
  }
  const known = elementCount(dims.filter((dim) => dim !== -1));
  const elements = body.length / TYPED_ARRAYS[datatype].BYTES_PER_ELEMENT;
  const shape = dims.map((dim) => (dim === -1 ? Math.floor(elements / Math.max(1, known)) : dim));
  return tensorOfBytes({ name, datatype, shape }, body, INPUTS);
}

function readInferJson({ json, exact }: ExactInferRequest, binary: Buffer): ReadInferRequest {
  const parts = json.inputs.map((input, index): InputPart => {
    return { input, exact: exact.inputs[index], head: parseTensorHead(withClosedShape(input), INPUTS) };
  });
  assertFewBytesElements(parts.map(({ head }) => head));
  const inputs = new Map<string, AnyTensor>();
  let offset = 0;
  for (const [index, part] of parts.entries()) {
    const { name } = part.head;
    const size = part.input.parameters?.binary_data_size ?? 0;
    if (offset + size > binary.length) {
      throw invalidInput(`inputs[${index}]: the body ends within the binary data of ${shown(name)}`);
    }
    if (inputs.has(name)) throw invalidInput(`inputs[${index}]: ${shown(name)} comes twice`);
    inputs.set(name, toTensor(part, binary.subarray(offset, offset + size)));
    offset += size;
  }
  if (offset !== binary.length) throw invalidInput(`${binary.length - offset} bytes of the body belong to no input`);
  return { request: toRequest({ json, exact }, inputs), isBinary: binaryChoice(json) };
}

function toRequest({ json, exact }: ExactInferRequest, inputs: InferRequest['inputs']): Omit<InferRequest, 'model'> {
  const { id, outputs } = json;
  // The choice of binary data is about this answer; the predictor's is always binary.
  const parameters = Object.entries(parametersOfJson(json.parameters, exact.parameters)).filter(
    ([name]) => name !== BINARY_OUTPUT,
  );
  return {
    inputs,
    ...(id !== undefined && id !== null && { id }),
    ...(outputs !== undefined && outputs !== null && outputs.length > 0 && { outputs: outputs.map(toChoice) }),
    ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters) }),
  };
}

/** Only values in JSON say how many there are; binary data that do not fill a shape are refused. */
function withClosedShape(input: InputPart['input']): InputPart['input'] {
  const { shape, data } = input;
  if (!shape.includes(OPEN_DIM) || data === undefined || data === null) return input;
  return { ...input, shape: closeShape(shape, flatten(data).length) };
}

function toTensor({ input, exact, head }: InputPart, bytes: Buffer): AnyTensor {
  const { name, datatype } = head;
  if (input.parameters?.shared_memory_region !== undefined) throw noSharedMemory(`input ${shown(name)}`);
  if (input.parameters?.binary_data_size !== undefined) return tensorOfBytes(head, bytes, INPUTS);
  const { data } = input;
  if (data === undefined || data === null)
    throw invalidInput(`input ${shown(name)} has neither data nor binary_data_size`);
  if (datatype === 'FP16' || datatype === 'BF16') {
    // Triton's own words (http_server.cc).
    const format = 'Please use the binary data format for input';
    throw invalidInput(`receiving ${datatype} data via JSON is not supported. ${format} ${excerpt(name)}`);
  }
  const values = datatype === 'INT64' || datatype === 'UINT64' ? (exact?.data ?? data) : data;
  return tensorOfValues(head, flatten(values), INPUTS);
}

function toChoice({ name, parameters }: NonNullable<InferRequestJson['outputs']>[number]): string | OutputChoice {
  if (parameters?.shared_memory_region !== undefined) throw noSharedMemory(`output ${shown(name)}`);
  const classification = parameters?.classification;
  return classification === undefined ? name : { name, classification };
}

/** The choice for one output counts more than that for all (`binary_data_output`); JSON is what there is without any. */
function binaryChoice({ parameters, outputs }: InferRequestJson): (output: string) => boolean {
  const forAll = parameters?.[BINARY_OUTPUT] ?? false;
  const chosen = new Map(outputs?.map((output) => [output.name, output.parameters?.binary_data]));
  return (output) => chosen.get(output) ?? forAll;
}

function jsonLength(header: string, bodyLength: number): number {
  const length = /^\d+$/.test(header) ? Number(header) : NaN;
  if (length <= bodyLength) return length;
  const range = `a number of bytes, at most the body's ${bodyLength}`;
  throw invalidInput(`Inference-Header-Content-Length must be ${range}; received ${shown(header)}`);
}

function shown(text: string): string {
  return JSON.stringify(excerpt(text));
}
