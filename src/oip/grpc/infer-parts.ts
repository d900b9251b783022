import type { Buffer } from 'node:buffer';
import { MAX_DIMS } from '../tensor-head.js';
import { readContents, writeContents } from './contents-codec.js';
import type { InferMessageHead, ParameterMessages, TensorMessage, TensorWithContents } from './messages.js';
import { type ParameterEntry, readParameterEntry, toParameters, writeParameters } from './parameter-codec.js';
import type { RepeatedKind, WireReader } from './wire-reader.js';
import { WIRE_TYPE, type WireWriter } from './wire-writer.js';

/**
 * The messages of inference by hand: the general (de)serialiser makes an object for every part of a message and copies
 * the tensors more than once. The numbers are those of the fields in grpc_service.proto, message by message.
 */
const HEAD = { model_name: 1, model_version: 2, id: 3, parameters: 4 } as const;
const TENSOR = { name: 1, datatype: 2, shape: 3, parameters: 4, contents: 5 } as const;
const REQUESTED_OUTPUT = { name: 1, parameters: 2 } as const;

/** The numbers by which the two messages of a call differ. */
export interface TensorFields {
  readonly tensors: number;
  /** The outputs that are asked for; a request's alone. */
  readonly requested?: number;
  readonly raw_contents: number;
}

/** Either message of a call. */
interface InferMessage {
  readonly head: InferMessageHead;
  readonly tensors: readonly TensorWithContents[];
  readonly requested: readonly RequestedOutput[];
  readonly rawContents: readonly Buffer[];
}

interface RequestedOutput {
  readonly name: string;
  readonly parameters: ParameterMessages;
}

const DIM: RepeatedKind<number | bigint> = {
  name: 'shape',
  element: WIRE_TYPE.varint,
  read: (reader) => reader.int64(),
};

/**
 * How many tensors, contents and parameters a message may have together, far beyond any model's: an empty one takes two
 * bytes of a message, and a hundred in memory.
 */
const MAX_PARTS = 10_000;

/**
 * Reads either message of a call; the raw contents are views on it.
 * @param noun what is read, for messages: `the answer`
 * @throws RangeError when the message is malformed or ends too early, has too many parts, or a tensor with more than
 * 100 dimensions or more typed values than its shape holds
 */
export function readInferMessage(reader: WireReader, fields: TensorFields, noun: string): InferMessage {
  const tensors: TensorWithContents[] = [];
  const requested: RequestedOutput[] = [];
  const rawContents: Buffer[] = [];
  const parameters: ParameterEntry[] = [];
  const countPart = createPartCounter(noun);
  const head = { model_name: '', model_version: '', id: '' };
  while (reader.next()) {
    switch (reader.field) {
      case HEAD.model_name:
        head.model_name = reader.string();
        break;
      case HEAD.model_version:
        head.model_version = reader.string();
        break;
      case HEAD.id:
        head.id = reader.string();
        break;
      case HEAD.parameters:
        countPart();
        parameters.push(readParameterEntry(reader.message()));
        break;
      case fields.tensors:
        countPart();
        tensors.push(readTensor(reader.message(), countPart));
        break;
      case fields.requested:
        countPart();
        requested.push(readRequestedOutput(reader.message(), countPart));
        break;
      case fields.raw_contents:
        countPart();
        rawContents.push(reader.bytes());
        break;
      default:
        reader.skip();
    }
  }
  return { head: { ...head, parameters: toParameters(parameters) }, tensors, requested, rawContents };
}

/** Writes what both messages of a call begin with. */
export function writeHead(writer: WireWriter, head: InferMessageHead): void {
  writeString(writer, HEAD.model_name, head.model_name);
  writeString(writer, HEAD.model_version, head.model_version);
  writeString(writer, HEAD.id, head.id);
  writeParameters(writer, HEAD.parameters, head.parameters);
}

/** Writes an input or an output. */
export function writeTensor(
  writer: WireWriter,
  field: number,
  tensor: TensorMessage & Partial<Pick<TensorWithContents, 'contents'>>,
): void {
  const { name, datatype, shape, parameters, contents = null } = tensor;
  writer.message(field, () => {
    writeString(writer, TENSOR.name, name);
    writeString(writer, TENSOR.datatype, datatype);
    if (shape.length > 0) writer.packed(TENSOR.shape, shape);
    writeParameters(writer, TENSOR.parameters, parameters);
    if (contents !== null) writeContents(writer, TENSOR.contents, contents);
  });
}

/** Writes an output that is asked for. */
export function writeRequestedOutput(
  writer: WireWriter,
  field: number,
  { name, parameters }: { readonly name: string; readonly parameters: ParameterMessages },
): void {
  writer.message(field, () => {
    writeString(writer, REQUESTED_OUTPUT.name, name);
    writeParameters(writer, REQUESTED_OUTPUT.parameters, parameters);
  });
}

/** Writes a text; the empty one is what an absent field means. */
export function writeString(writer: WireWriter, field: number, value: string): void {
  if (value !== '') writer.string(field, value);
}

function readTensor(reader: WireReader, countPart: () => void): TensorWithContents {
  const shape: (number | bigint)[] = [];
  const parameters: ParameterEntry[] = [];
  const contents: WireReader[] = [];
  const tensor = { name: '', datatype: '', shape };
  while (reader.next()) {
    switch (reader.field) {
      case TENSOR.name:
        tensor.name = reader.string();
        break;
      case TENSOR.datatype:
        tensor.datatype = reader.string();
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
  return { ...tensor, parameters: toParameters(parameters), contents: readContents(contents, tensor) };
}

function readRequestedOutput(reader: WireReader, countPart: () => void): RequestedOutput {
  const parameters: ParameterEntry[] = [];
  let name = '';
  while (reader.next()) {
    if (reader.field === REQUESTED_OUTPUT.name) {
      name = reader.string();
    } else if (reader.field === REQUESTED_OUTPUT.parameters) {
      countPart();
      parameters.push(readParameterEntry(reader.message()));
    } else {
      reader.skip();
    }
  }
  return { name, parameters: toParameters(parameters) };
}

function createPartCounter(noun: string): () => void {
  let parts = 0;
  return () => {
    parts += 1;
    if (parts > MAX_PARTS) throw new RangeError(`${noun} has more than ${MAX_PARTS} parts`);
  };
}
