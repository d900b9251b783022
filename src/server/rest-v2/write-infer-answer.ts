import { isUtf8 } from 'node:buffer';
import { excerpt, ServiceError } from '../../errors.js';
import { jsonOfParameters } from '../../oip/parameters.js';
import { bytesOfTensor } from '../../oip/tensor-bytes.js';
import type { InferResponse } from '../../predictor/predictor.js';
import type { AnyTensor } from '../../tensor.js';
import type { SentBody } from '../send-json.js';
import { HEADER_LENGTH } from './read-infer-body.js';

/**
 * Writes the answer to an inference request: JSON, with the outputs that are wanted as binary data behind it.
 * @param head.id the request's own, or that of the HTTP request: KServe's clients expect one
 * @throws ServiceError `invalid_argument` when an output has no form in JSON and was not asked for as binary data
 */
export function writeInferAnswer(
  response: InferResponse,
  head: { readonly model: string; readonly id: string; readonly isBinary: (output: string) => boolean },
): SentBody {
  const outputs: string[] = [];
  const binary: Uint8Array[] = [];
  for (const [name, tensor] of response.outputs) {
    const start = `{"name":${JSON.stringify(name)},"shape":[${tensor.shape.join(',')}],"datatype":"${tensor.datatype}"`;
    if (head.isBinary(name)) {
      const bytes = bytesOfTensor(tensor);
      binary.push(bytes);
      outputs.push(`${start},"parameters":{"binary_data_size":${bytes.byteLength}}}`);
    } else {
      outputs.push(`${start},"data":[${jsonValues(name, tensor)}]}`);
    }
  }
  const parameters = Object.entries(response.parameters ?? {});
  const fields = [
    `"model_name":${JSON.stringify(head.model)}`,
    ...(response.version === undefined ? [] : [`"model_version":${JSON.stringify(response.version)}`]),
    `"id":${JSON.stringify(head.id)}`,
    ...(parameters.length === 0 ? [] : [`"parameters":${jsonOfParameters(parameters)}`]),
    `"outputs":[${outputs.join(',')}]`,
  ];
  const json = Buffer.from(`{${fields.join(',')}}`, 'utf8');
  if (binary.length === 0) return { headers: { 'content-type': 'application/json' }, pieces: [json] };
  const headers = { 'content-type': 'application/octet-stream', [HEADER_LENGTH]: String(json.length) };
  return { headers, pieces: [json, ...binary] };
}

/** The values as JSON, row by row. 64-bit integers have all their digits; NaN and infinities become null. */
function jsonValues(name: string, tensor: AnyTensor): string {
  switch (tensor.datatype) {
    case 'FP16':
    case 'BF16':
      throw noJsonForm(`sending ${tensor.datatype} data via JSON is not supported.`, name);
    case 'BYTES':
      return tensor.data.map((element) => JSON.stringify(textOf(name, element))).join(',');
    case 'BOOL':
      return Array.from(tensor.data, (value) => value !== 0).join(',');
    case 'FP32':
    case 'FP64':
      return Array.from<number, string>(tensor.data, jsonNumber).join(',');
    default:
      return tensor.data.join(',');
  }
}

/** JSON has no NaN and no infinities; what String() writes of -0 has no sign. */
function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  return Object.is(value, -0) ? '-0' : String(value);
}

function textOf(name: string, element: Uint8Array): string {
  if (!isUtf8(element)) throw noJsonForm('BYTES that are not UTF-8 cannot be sent via JSON.', name);
  return Buffer.from(element.buffer, element.byteOffset, element.byteLength).toString('utf8');
}

/** In Triton's own words (http_server.cc). */
function noJsonForm(problem: string, output: string): ServiceError {
  return new ServiceError(
    'invalid_argument',
    `${problem} Please use the binary data format for output ${excerpt(output)}`,
  );
}
