import * as z from 'zod';
import type { AnyTensor } from '../../../tensor.js';
import { inputsOf, requestedSlice, subjectOf, toInferResult } from '../answer.js';
import type { ParameterValue, RegionSlice, SharedTensor, TritonInferRequest, TritonInferResult } from '../inference.js';
import { wireParameters } from '../parameters.js';
import { parseAnswer } from '../parse-answer.js';
import { bytesOfTensor, tensorOfBytes } from '../tensors/tensor-bytes.js';
import { parseTensorHead } from '../tensors/tensor-head.js';
import { tensorOfValues } from '../tensors/tensor-values.js';
import { invalidAnswer } from '../upstream-error.js';

/** The length in bytes of the JSON at the start of a body that goes on with binary tensors. */
export const HEADER_LENGTH = 'inference-header-content-length';

const parametersSchema = z.record(z.string(), z.union([z.string(), z.boolean(), z.number()]));

const inferAnswerSchema = z.object({
  model_name: z.string().default(''),
  model_version: z.string().default(''),
  id: z.string().default(''),
  parameters: parametersSchema.default({}),
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number()),
      data: z.array(z.unknown()).optional(),
      parameters: z
        .looseObject({
          binary_data_size: z.number().int().min(0).optional(),
        })
        .optional(),
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
      inputs.push(JSON.stringify({ name, datatype, shape, parameters: sharedMemoryParameters(tensor.sharedMemory) }));
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
    ...(parameters.size === 0 ? [] : [`"parameters":${toJson(parameters)}`]),
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
  const jsonLength = headerLength === undefined ? body.byteLength : Number(headerLength);
  if (!Number.isInteger(jsonLength) || jsonLength < 0 || jsonLength > body.byteLength) {
    throw invalidAnswer(subject, `its JSON ends at ${jsonLength}, but the body at ${body.byteLength}`);
  }
  const { outputs, parameters, id, ...model } = parseJson(body.subarray(0, jsonLength), inferAnswerSchema, subject);
  const received = new Map<string, AnyTensor | SharedTensor>();
  let offset = jsonLength;
  for (const output of outputs) {
    const size = output.parameters?.binary_data_size ?? 0;
    if (offset + size > body.byteLength) throw invalidAnswer(subject, `the body ends within output ${output.name}`);
    received.set(output.name, toTensor(request, output, body.subarray(offset, offset + size)));
    offset += size;
  }
  if (offset !== body.byteLength) throw invalidAnswer(subject, `${body.byteLength - offset} bytes belong to no output`);
  return toInferResult(request, { model: model.model_name, version: model.model_version, id, parameters, received });
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
  return parseAnswer(value, schema, subject);
}

function toTensor(request: TritonInferRequest, output: AnswerOutput, bytes: Uint8Array): AnyTensor | SharedTensor {
  const subject = subjectOf(request);
  const head = parseTensorHead(output, subject);
  if (output.parameters?.binary_data_size !== undefined) return tensorOfBytes(head, bytes, subject);
  if (output.data === undefined) {
    const sharedMemory = requestedSlice(request, head.name);
    if (sharedMemory !== undefined) return { datatype: head.datatype, shape: head.shape, sharedMemory };
    throw invalidAnswer(subject, `output ${head.name} has no data`);
  }
  // Nested arrays of any depth are as good as flat ones (Open Inference Protocol, "Tensor Data").
  return tensorOfValues(head, output.data.flat(Infinity), subject);
}

function toWireOutput(output: NonNullable<TritonInferRequest['outputs']>[number]): unknown {
  const { name, classification, sharedMemory } = typeof output === 'string' ? { name: output } : output;
  if (sharedMemory !== undefined) return { name, parameters: sharedMemoryParameters(sharedMemory) };
  return { name, parameters: { binary_data: true, ...(classification !== undefined && { classification }) } };
}

function sharedMemoryParameters({ region, offset, byteSize }: RegionSlice): Record<string, string | number> {
  return { shared_memory_region: region, shared_memory_offset: offset, shared_memory_byte_size: byteSize };
}

/** A flat JSON object; bigints with all their digits, which JSON.stringify refuses. */
function toJson(parameters: ReadonlyMap<string, ParameterValue>): string {
  const members = [...parameters].map(([name, value]) => {
    return `${JSON.stringify(name)}:${typeof value === 'bigint' ? String(value) : JSON.stringify(value)}`;
  });
  return `{${members.join(',')}}`;
}
