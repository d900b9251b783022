import { Buffer } from 'node:buffer';
import { readInferMessage, type TensorFields, writeHead, writeString, writeTensor } from './infer-parts.js';
import type { InferResponseMessage, StreamResponseMessage } from './messages.js';
import { createWireReader, type WireReader } from './wire-reader.js';
import { createWireWriter } from './wire-writer.js';

/** The numbers of the fields of ModelInferResponse and ModelStreamInferResponse. */
const RESPONSE = { tensors: 5, raw_contents: 6 } as const satisfies TensorFields;
const STREAM_RESPONSE = { error_message: 1, infer_response: 2 } as const;

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

/** Writes a ModelInferResponse. */
export function encodeInferResponse(message: InferResponseMessage): Buffer {
  return Buffer.concat(piecesOfResponse(message));
}

/** Writes a ModelStreamInferResponse. */
export function encodeStreamResponse(message: StreamResponseMessage): Buffer {
  const writer = createWireWriter();
  writeString(writer, STREAM_RESPONSE.error_message, message.error_message);
  const { infer_response: response } = message;
  if (response !== null) writer.pieces(STREAM_RESPONSE.infer_response, piecesOfResponse(response));
  return Buffer.concat(writer.finish());
}

function readResponse(reader: WireReader): InferResponseMessage {
  const { head, tensors, rawContents } = readInferMessage(reader, RESPONSE, 'the answer');
  return { ...head, outputs: tensors, raw_output_contents: rawContents };
}

function piecesOfResponse(message: InferResponseMessage): readonly Uint8Array[] {
  const writer = createWireWriter();
  writeHead(writer, message);
  for (const output of message.outputs) writeTensor(writer, RESPONSE.tensors, output);
  for (const contents of message.raw_output_contents) writer.bytes(RESPONSE.raw_contents, contents);
  return writer.finish();
}
