import { Buffer } from 'node:buffer';
import { elementCount } from '../../../tensor.js';
import { MAX_DIMS } from '../../../oip/tensor-head.js';
import type {
  ContentsMessage,
  InferRequestMessage,
  InferResponseMessage,
  ParameterMessage,
  ParameterMessages,
  StreamResponseMessage,
} from './inference-rpcs.js';
import { createWireReader, type RepeatedKind, type WireReader } from './wire-reader.js';
import { createWireWriter, WIRE_TYPE, type WireWriter } from './wire-writer.js';

/**
 * The messages of inference by hand: the general (de)serialiser makes an object for every part of a message and copies
 * the tensors more than once. The numbers are those of the fields in grpc_service.proto, message by message.
 */
const REQUEST = { model_name: 1, model_version: 2, id: 3, parameters: 4, inputs: 5, outputs: 6, raw_contents: 7 };
const REQUESTED_OUTPUT = { name: 1, parameters: 2 };
const TENSOR = { name: 1, datatype: 2, shape: 3, parameters: 4, contents: 5 } as const;
const RESPONSE = { model_name: 1, model_version: 2, id: 3, parameters: 4, outputs: 5, raw_contents: 6 } as const;
const STREAM_RESPONSE = { error_message: 1, infer_response: 2 } as const;
const PARAMETER = { bool: 1, int64: 2, string: 3, double: 4, uint64: 5 } as const;
const MAP_ENTRY = { key: 1, value: 2 } as const;

/** The lists of InferTensorContents by their fields' numbers: their names, how an element is packed and read. */
const CONTENTS: Readonly<Record<number, ContentsField>> = {
  1: { name: 'bool_contents', element: WIRE_TYPE.varint, read: (reader) => reader.bool() },
  2: { name: 'int_contents', element: WIRE_TYPE.varint, read: (reader) => reader.int32() },
  3: { name: 'int64_contents', element: WIRE_TYPE.varint, read: (reader) => String(reader.int64()) },
  4: { name: 'uint_contents', element: WIRE_TYPE.varint, read: (reader) => reader.uint32() },
  5: { name: 'uint64_contents', element: WIRE_TYPE.varint, read: (reader) => String(reader.uint64()) },
  6: { name: 'fp32_contents', element: WIRE_TYPE.fixed32, read: (reader) => reader.float() },
  7: { name: 'fp64_contents', element: WIRE_TYPE.fixed64, read: (reader) => reader.double() },
  8: { name: 'bytes_contents', element: WIRE_TYPE.bytes, read: (reader) => reader.bytes() },
};

interface ContentsField extends RepeatedKind<unknown> {
  readonly name: string;
}

const DIM: RepeatedKind<number | bigint> = { element: WIRE_TYPE.varint, read: (reader) => reader.int64() };

/**
 * How many outputs, contents and parameters an answer may have together, far beyond any model's: an empty one takes two
 * bytes of a message, and a hundred in memory.
 */
const MAX_PARTS = 10_000;

/** Parameters as they are read, in their order; of two with one name the later counts. */
type ParameterEntries = [name: string, parameter: ParameterMessage][];

const NO_PARAMETERS: ParameterMessages = Object.freeze({});

/** Writes a ModelInferRequest. */
export function encodeInferRequest(message: InferRequestMessage): Buffer {
  return Buffer.concat(piecesOfInferRequest(message));
}

/** The pieces of a ModelInferRequest, which make it one behind the other: large tensors' bytes are not copied. */
export function piecesOfInferRequest(message: InferRequestMessage): readonly Uint8Array[] {
  const writer = createWireWriter();
  writeString(writer, REQUEST.model_name, message.model_name);
  writeString(writer, REQUEST.model_version, message.model_version);
  writeString(writer, REQUEST.id, message.id);
  writeParameters(writer, REQUEST.parameters, message.parameters);
  for (const { name, datatype, shape, parameters } of message.inputs) {
    writer.message(REQUEST.inputs, () => {
      writeString(writer, TENSOR.name, name);
      writeString(writer, TENSOR.datatype, datatype);
      if (shape.length > 0) writer.packed(TENSOR.shape, shape);
      writeParameters(writer, TENSOR.parameters, parameters);
    });
  }
  for (const { name, parameters } of message.outputs) {
    writer.message(REQUEST.outputs, () => {
      writeString(writer, REQUESTED_OUTPUT.name, name);
      writeParameters(writer, REQUESTED_OUTPUT.parameters, parameters);
    });
  }
  for (const contents of message.raw_input_contents) writer.bytes(REQUEST.raw_contents, contents);
  return writer.finish();
}

/**
 * Reads a ModelInferResponse; the raw contents are views on it.
 * @throws RangeError when the message is malformed or ends too early, has too many parts, or an output with more than
 * 100 dimensions or more typed values than its shape holds
 */
export function decodeInferResponse(bytes: Buffer): InferResponseMessage {
  return readResponse(createWireReader(bytes));
}

/**
 * Reads a ModelStreamInferResponse, as decodeInferResponse does.
 * @throws RangeError as decodeInferResponse
 */
export function decodeStreamResponse(bytes: Buffer): StreamResponseMessage {
  const reader = createWireReader(bytes);
  let errorMessage = '';
  let inferResponse: InferResponseMessage | null = null;
  while (reader.next()) {
    if (reader.field === STREAM_RESPONSE.error_message) errorMessage = reader.string();
    else if (reader.field === STREAM_RESPONSE.infer_response) inferResponse = readResponse(reader.message());
    else reader.skip();
  }
  return { error_message: errorMessage, infer_response: inferResponse };
}

function readResponse(reader: WireReader): InferResponseMessage {
  const outputs: InferResponseMessage['outputs'][number][] = [];
  const rawContents: Buffer[] = [];
  const parameters: ParameterEntries = [];
  const countPart = createPartCounter();
  const message = { model_name: '', model_version: '', id: '', outputs, raw_output_contents: rawContents };
  while (reader.next()) {
    switch (reader.field) {
      case RESPONSE.model_name:
        message.model_name = reader.string();
        break;
      case RESPONSE.model_version:
        message.model_version = reader.string();
        break;
      case RESPONSE.id:
        message.id = reader.string();
        break;
      case RESPONSE.parameters:
        countPart();
        parameters.push(readParameterEntry(reader.message()));
        break;
      case RESPONSE.outputs:
        countPart();
        outputs.push(readOutput(reader.message(), countPart));
        break;
      case RESPONSE.raw_contents:
        countPart();
        rawContents.push(reader.bytes());
        break;
      default:
        reader.skip();
    }
  }
  return { ...message, parameters: toParameters(parameters) };
}

function readOutput(reader: WireReader, countPart: () => void): InferResponseMessage['outputs'][number] {
  const shape: (number | bigint)[] = [];
  const parameters: ParameterEntries = [];
  const contents: WireReader[] = [];
  const output = { name: '', datatype: '', shape };
  while (reader.next()) {
    switch (reader.field) {
      case TENSOR.name:
        output.name = reader.string();
        break;
      case TENSOR.datatype:
        output.datatype = reader.string();
        break;
      case TENSOR.shape:
        reader.repeated(DIM, shape, MAX_DIMS);
        break;
      case TENSOR.parameters:
        countPart();
        parameters.push(readParameterEntry(reader.message()));
        break;
      case TENSOR.contents:
        countPart();
        contents.push(reader.message());
        break;
      default:
        reader.skip();
    }
  }
  return { ...output, parameters: toParameters(parameters), contents: readContents(contents, shape) };
}

/** The lists of a message that comes in any number of parts: once the shape is known, which may stand behind them. */
function readContents(parts: readonly WireReader[], shape: readonly (number | bigint)[]): ContentsMessage | null {
  if (parts.length === 0) return null;
  const lists: Record<string, unknown[]> = {};
  const count = elementCount(shape.map(Number));
  for (const reader of parts) {
    while (reader.next()) {
      const field = CONTENTS[reader.field];
      if (field === undefined) reader.skip();
      else reader.repeated(field, (lists[field.name] ??= []), count);
    }
  }
  return lists;
}

function createPartCounter(): () => void {
  let parts = 0;
  return () => {
    parts += 1;
    if (parts > MAX_PARTS) throw new RangeError(`the answer has more than ${MAX_PARTS} parts`);
  };
}

function toParameters(entries: ParameterEntries): ParameterMessages {
  return entries.length === 0 ? NO_PARAMETERS : Object.fromEntries(entries);
}

function readParameterEntry(reader: WireReader): ParameterEntries[number] {
  let name = '';
  let parameter: ParameterMessage = {};
  while (reader.next()) {
    if (reader.field === MAP_ENTRY.key) name = reader.string();
    else if (reader.field === MAP_ENTRY.value) parameter = readParameter(reader.message());
    else reader.skip();
  }
  return [name, parameter];
}

function readParameter(reader: WireReader): ParameterMessage {
  let parameter: ParameterMessage = {};
  while (reader.next()) {
    switch (reader.field) {
      case PARAMETER.bool:
        parameter = { bool_param: reader.bool() };
        break;
      case PARAMETER.int64:
        parameter = { int64_param: String(reader.int64()) };
        break;
      case PARAMETER.string:
        parameter = { string_param: reader.string() };
        break;
      case PARAMETER.double:
        parameter = { double_param: reader.double() };
        break;
      case PARAMETER.uint64:
        parameter = { uint64_param: String(reader.uint64()) };
        break;
      default:
        reader.skip();
    }
  }
  return parameter;
}

function writeParameters(writer: WireWriter, field: number, parameters: ParameterMessages): void {
  for (const [name, parameter] of Object.entries(parameters)) {
    writer.message(field, () => {
      writer.string(MAP_ENTRY.key, name);
      writer.message(MAP_ENTRY.value, () => writeParameter(writer, parameter));
    });
  }
}

/** The one member that is there is written, its default too: that tells which of the kinds it is. */
function writeParameter(writer: WireWriter, parameter: ParameterMessage): void {
  const { bool_param, int64_param, string_param, double_param, uint64_param } = parameter;
  if (bool_param !== undefined) writer.varint(PARAMETER.bool, Number(bool_param));
  if (int64_param !== undefined) writer.varint(PARAMETER.int64, BigInt(int64_param));
  if (string_param !== undefined) writer.string(PARAMETER.string, string_param);
  if (double_param !== undefined) writer.double(PARAMETER.double, double_param);
  if (uint64_param !== undefined) writer.varint(PARAMETER.uint64, BigInt(uint64_param));
}

function writeString(writer: WireWriter, field: number, value: string): void {
  if (value !== '') writer.string(field, value);
}
