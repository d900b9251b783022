import { excerpt, ServiceError } from '../../errors.js';
import { inputsOf } from './answer.js';
import type { TritonInferRequest } from './inference.js';
import { modelName } from './names.js';
import { assertTensor } from './tensors/check-tensor.js';
import { kindOf } from './kind-of.js';

/**
 * Checks that a request is one, as an untyped caller's may not be: its fields are of their types, its tensors hold what
 * they say. Both protocols refuse the same.
 * @throws ServiceError `invalid_argument`
 */
export function assertRequest(request: TritonInferRequest): void {
  assertObject('The request', request);
  modelName(request);
  const { id, inputs, outputs, sequence, parameters } = request;
  if (id !== undefined && typeof id !== 'string') throw invalid('id', 'text', id);
  assertObject('inputs', inputs, 'tensors by their names');
  for (const [name, input] of inputsOf(request)) assertTensor(name, input);
  if (outputs !== undefined) assertOutputs(outputs);
  if (sequence !== undefined) assertObject('sequence', sequence);
  if (parameters !== undefined) assertObject('parameters', parameters, 'values by their names');
}

function assertOutputs(outputs: unknown): void {
  if (!Array.isArray(outputs)) throw invalid('outputs', 'a list of names', outputs);
  for (const [index, output] of outputs.entries()) {
    if (typeof output === 'string') continue;
    assertObject(`outputs[${index}]`, output, 'a name or { name, … }');
    const name: unknown = Reflect.get(output, 'name');
    if (typeof name !== 'string') throw invalid(`outputs[${index}].name`, 'text', name);
  }
}

function assertObject(field: string, value: unknown, expected = 'an object'): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(field, expected, value);
}

function invalid(field: string, expected: string, received: unknown): ServiceError {
  return new ServiceError('invalid_argument', `${field} must be ${expected}; received ${excerpt(kindOf(received))}`);
}
