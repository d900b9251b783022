import { ServiceError } from '../../errors.js';
import { type AnyTensor, elementCount } from '../../tensor.js';
import { joinTensors } from '../join-tensors.js';
import type { InferRequest, InferResponse } from '../predictor.js';

/**
 * One request in place of several of one kind (batchShareOf), their rows in order; each value is copied once. It has no
 * `id`, which would be that of one of them. A single one is returned as it is.
 */
export function joinRequests(requests: readonly [InferRequest, ...InferRequest[]]): InferRequest {
  const [first] = requests;
  if (requests.length === 1) return first;
  const { model, version, outputs, parameters, inputs } = first;
  const joined = [...inputs.keys()].map((name): [string, AnyTensor] => {
    const parts = requests.flatMap((request) => request.inputs.get(name) ?? []);
    return [name, joinTensors(parts, `model ${model}, input ${name}`)];
  });
  return {
    model,
    inputs: new Map(joined),
    ...(version !== undefined && { version }),
    ...(outputs !== undefined && { outputs }),
    ...(parameters !== undefined && { parameters }),
  };
}

/**
 * Each request's own rows of the answer to all of them, as views on it; what the answer says of itself besides goes to
 * each. The answer to a single one is returned as it is.
 * @param batch.rows of each request, in the order in which they were joined
 * @throws ServiceError `upstream_error` when an output's first dimension is not the number of all rows
 */
export function splitResponse(
  response: InferResponse,
  { model, rows }: { readonly model: string; readonly rows: readonly number[] },
): InferResponse[] {
  if (rows.length === 1) return [response];
  const total = rows.reduce((sum, count) => sum + count, 0);
  for (const [name, { shape }] of response.outputs) {
    if (shape[0] !== total) throw notOfTheBatch({ model, name, shape, total, requests: rows.length });
  }
  let from = 0;
  return rows.map((count) => {
    const range = { from, to: from + count };
    from += count;
    const outputs = [...response.outputs].map(([name, tensor]): [string, AnyTensor] => [name, rowsOf(tensor, range)]);
    return { ...response, outputs: new Map(outputs) };
  });
}

function rowsOf({ datatype, shape, data }: AnyTensor, { from, to }: { from: number; to: number }): AnyTensor {
  const rest = shape.slice(1);
  const size = elementCount(rest);
  const edges = [from * size, to * size] as const;
  const part = 'subarray' in data ? data.subarray(...edges) : data.slice(...edges);
  // The datatype is that of the data: the compiler sees two unions.
  return { datatype, shape: [to - from, ...rest], data: part } as AnyTensor;
}

function notOfTheBatch(found: {
  model: string;
  name: string;
  shape: readonly number[];
  total: number;
  requests: number;
}): ServiceError {
  const { model, name, shape, total, requests } = found;
  const problem = `output ${name} has the shape [${shape.join(',')}] for a batch of ${total} rows, of ${requests} requests`;
  return new ServiceError('upstream_error', `The predictor's answer for model ${model} is not valid: ${problem}`);
}
