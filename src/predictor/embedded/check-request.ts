import { excerpt } from '../../errors.js';
import type { AnyTensor } from '../../tensor.js';
import { type InferRequest, outputName } from '../predictor.js';
import { fullShape, type ModelSpec, type TensorSpec } from './model-spec.js';
import { refused, unsupported } from './refusals.js';

/**
 * Checks a call against the model's config, in Triton's words.
 * @throws ServiceError `upstream_error` when an input or output has a name that the model has not, an input is missing,
 * or its datatype, its shape or the batch is not what the model takes; and when a classification is asked for
 */
export function assertRequest(spec: ModelSpec, request: InferRequest): void {
  const { inputs, outputs = [] } = request;
  const unknown = [...inputs.keys()].find((name) => spec.inputs.every((input) => input.name !== name));
  if (unknown !== undefined) throw refused(`unexpected inference input '${excerpt(unknown)}' for model '${spec.name}'`);
  if (inputs.size !== spec.inputs.length) {
    throw refused(`expected ${spec.inputs.length} inputs but got ${inputs.size} inputs for model '${spec.name}'`);
  }
  for (const input of spec.inputs) {
    const tensor = inputs.get(input.name);
    if (tensor !== undefined) assertInput(spec, input, tensor);
  }
  const batches = new Set([...inputs.values()].map(({ shape }) => shape[0]));
  if (spec.maxBatchSize > 0 && batches.size > 1) {
    throw refused(`the inputs of model '${spec.name}' have different batch sizes: ${[...batches].join(', ')}`);
  }
  const absent = outputs.map(outputName).find((name) => spec.outputs.every((output) => output.name !== name));
  if (absent !== undefined) throw refused(`unexpected inference output '${excerpt(absent)}' for model '${spec.name}'`);
  const classified = outputs.find((output) => typeof output !== 'string' && output.classification !== undefined);
  if (classified !== undefined) {
    const what = `classification of output '${outputName(classified)}' for model '${spec.name}'`;
    throw unsupported(`the embedded runtime has no classification extension: ${what}`);
  }
}

function assertInput(spec: ModelSpec, input: TensorSpec, { datatype, shape }: AnyTensor): void {
  const at = `input '${input.name}' for model '${spec.name}'`;
  if (datatype !== input.datatype) {
    throw refused(`unexpected data-type of ${at}. Expected ${input.datatype}, got ${datatype}`);
  }
  const expected = fullShape(spec, input.dims);
  const fits = shape.length === expected.length && expected.every((dim, i) => fitsDim(dim, shape[i] ?? 0));
  if (!fits) throw refused(`unexpected shape for ${at}. Expected [${expected.join(',')}], got [${shape.join(',')}]`);
  const batch = shape[0] ?? 0;
  if (spec.maxBatchSize > 0 && batch > spec.maxBatchSize) {
    throw refused(`inference request batch-size must be <= ${spec.maxBatchSize} for '${spec.name}', got ${batch}`);
  }
}

/** -1 takes any size, except nothing at all: onnxruntime's kernels do not expect empty tensors. */
function fitsDim(expected: number, received: number): boolean {
  return expected === -1 ? received > 0 : received === expected;
}
