import { ServiceError } from '../errors.js';
import type { NamedTensors } from '../predictor/predictor.js';

/**
 * The values of one output.
 * @throws ServiceError `upstream_error` naming model and output when it is missing, is not FP32, has another shape or
 * holds a value that is not finite
 */
export function readFloats(
  outputs: NamedTensors,
  expected: { readonly model: string; readonly output: string; readonly shape: readonly number[] },
): Float32Array {
  const { model, output, shape } = expected;
  const tensor = outputs.get(output);
  const wanted = `FP32 [${shape.join(',')}]`;
  if (tensor === undefined) throw refusal(model, `expected output ${output} as ${wanted}, received none`);
  if (tensor.datatype !== 'FP32' || tensor.shape.join() !== shape.join()) {
    const received = `${tensor.datatype} [${tensor.shape.join(',')}]`;
    throw refusal(model, `expected output ${output} as ${wanted}, received ${received}`);
  }
  const at = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (at !== -1) throw refusal(model, `expected finite numbers in output ${output}, received ${tensor.data[at] ?? ''}`);
  return tensor.data;
}

function refusal(model: string, problem: string): ServiceError {
  return new ServiceError('upstream_error', `Model ${model} answered what it cannot have meant: ${problem}`);
}
