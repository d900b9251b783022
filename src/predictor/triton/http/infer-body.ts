import * as z from 'zod';
import type { AnyTensor } from '../../../tensor.js';
import type { InferRequest, InferResponse } from '../../predictor.js';
import { subjectOf, toInferResponse } from '../answer.js';
import { bytesOfTensor, tensorOfBytes } from '../tensors/tensor-bytes.js';
import { parseTensorHead } from '../tensors/tensor-head.js';
import { tensorOfValues } from '../tensors/tensor-values.js';
import { invalidAnswer } from '../upstream-error.js';

/** The length in bytes of the JSON at the start of a body that goes on with binary tensors. */
export const HEADER_LENGTH = 'inference-header-content-length';

const inferAnswerSchema = z.object({
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number()),
      data: z.array(z.unknown()).optional(),
      parameters: z.looseObject({ binary_data_size: z.number().int().min(0).optional() }).optional(),
    }),
  ),
});

type AnswerOutput = z.infer<typeof inferAnswerSchema>['outputs'][number];

/** The body of one inference call: pieces to be sent one after the other, never joined. */
export interface HttpBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Uint8Array[];
}

/**
 * Writes a request by the binary tensor data extension: JSON, then each input's bytes, without padding. The pieces are
 * views on the tensors, which must not change until the call is over.
 */
export function encodeInferRequest(request: InferRequest): HttpBody {
  const inputs: unknown[] = [];
  const pieces: Uint8Array[] = [];
  for (const [name, tensor] of request.inputs) {
    const bytes = bytesOfTensor(tensor);
    const { datatype, shape } = tensor;
    inputs.push({ name, datatype, shape, parameters: { binary_data_size: bytes.byteLength } });
    pieces.push(bytes);
  }
  const wanted =
    request.outputs === undefined
      ? { parameters: { binary_data_output: true } }
      : { outputs: request.outputs.map((name) => ({ name, parameters: { binary_data: true } })) };
  const header = Buffer.from(JSON.stringify({ inputs, ...wanted }), 'utf8');
  const total = pieces.reduce((sum, piece) => sum + piece.byteLength, header.byteLength);
  return {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(total),
      [HEADER_LENGTH]: String(header.byteLength),
    },
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
  request: InferRequest,
  body: Uint8Array,
  headerLength: string | undefined,
): InferResponse {
  const subject = subjectOf(request);
  const jsonLength = headerLength === undefined ? body.byteLength : Number(headerLength);
  if (!Number.isInteger(jsonLength) || jsonLength < 0 || jsonLength > body.byteLength) {
    throw invalidAnswer(subject, `its JSON ends at ${jsonLength}, but the body at ${body.byteLength}`);
  }
  const { outputs } = parseJson(body.subarray(0, jsonLength), inferAnswerSchema, subject);
  const received = new Map<string, AnyTensor>();
  let offset = jsonLength;
  for (const output of outputs) {
    const size = output.parameters?.binary_data_size ?? 0;
    if (offset + size > body.byteLength) throw invalidAnswer(subject, `the body ends within output ${output.name}`);
    received.set(output.name, toTensor(output, body.subarray(offset, offset + size), subject));
    offset += size;
  }
  if (offset !== body.byteLength) throw invalidAnswer(subject, `${body.byteLength - offset} bytes belong to no output`);
  return toInferResponse(request, received);
}

/**
 * Reads JSON from the predictor.
 * @param subject what was asked, for messages
 * @throws ServiceError `upstream_error` when it is no JSON or not of the schema
 */
export function parseJson<T>(bytes: Uint8Array, schema: z.ZodType<T>, subject: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (error) {
    throw invalidAnswer(subject, 'it is not JSON', error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidAnswer(subject, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, parsed.error);
}

function toTensor(output: AnswerOutput, bytes: Uint8Array, subject: string): AnyTensor {
  const head = parseTensorHead(output, subject);
  if (output.parameters?.binary_data_size !== undefined) return tensorOfBytes(head, bytes, subject);
  if (output.data === undefined) throw invalidAnswer(subject, `output ${head.name} has no data`);
  // Nested arrays of any depth are as good as flat ones (Open Inference Protocol, "Tensor Data").
  return tensorOfValues(head, output.data.flat(Infinity), subject);
}
