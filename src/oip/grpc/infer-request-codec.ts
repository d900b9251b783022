import { Buffer } from 'node:buffer';
import { readInferMessage, type TensorFields, writeHead, writeRequestedOutput, writeTensor } from './infer-parts.js';
import type { InferRequestMessage, ReceivedInferRequest } from './messages.js';
import { createWireReader } from './wire-reader.js';
import { createWireWriter } from './wire-writer.js';

/** The numbers of the fields of ModelInferRequest. */
const REQUEST = { tensors: 5, requested: 6, raw_contents: 7 } as const satisfies TensorFields;

/** Writes a ModelInferRequest. */
export function encodeInferRequest(message: InferRequestMessage): Buffer {
  return Buffer.concat(piecesOfInferRequest(message));
}

/** The pieces of a ModelInferRequest, which make it one behind the other: large tensors' bytes are not copied. */
export function piecesOfInferRequest(message: InferRequestMessage): readonly Uint8Array[] {
  const writer = createWireWriter();
  writeHead(writer, message);
  for (const input of message.inputs) writeTensor(writer, REQUEST.tensors, input);
  for (const output of message.outputs) writeRequestedOutput(writer, REQUEST.requested, output);
  for (const contents of message.raw_input_contents) writer.bytes(REQUEST.raw_contents, contents);
  return writer.finish();
}

/**
 * Reads a ModelInferRequest; the raw contents are views on it.
 * @throws RangeError when the message is malformed or ends too early, has too many parts, or an input with more than
 * 100 dimensions or more typed values than its shape holds
 */
export function decodeInferRequest(bytes: Buffer): ReceivedInferRequest {
  const message = readInferMessage(createWireReader(bytes), REQUEST, 'the request');
  const { head, tensors, requested, rawContents } = message;
  return { ...head, inputs: tensors, outputs: requested, raw_input_contents: rawContents };
}
