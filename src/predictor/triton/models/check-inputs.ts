import { elementCount } from '../../../tensor.js';
import { excerpt } from '../../../errors.js';
import type { InferInput } from '../inference.js';
import type { InputDescription, ModelDescription } from './model-description.js';
import { listed, refusal, unknownName } from './refusal.js';

/** A request's inputs by name. */
type Inputs = readonly (readonly [string, InferInput])[];

/**
 * Refuses inputs that their model does not take, by the rules of Triton's core (infer_request.cc, Normalize), tried on
 * Triton 2.51. It is stricter in one point: the core counts a request's inputs, so that one which is optional can
 * stand in for one which is not; here each that is required must be there. The values themselves are not looked at;
 * that they fill their shape is checked where requests come in.
 * @throws ServiceError `invalid_argument`
 */
export function checkInputs(inputs: Inputs, description: ModelDescription): void {
  const { name: model, inputs: known, hasConfig } = description;
  // A server that is no Triton may describe its models without a word on their tensors.
  if (known.length === 0 && !hasConfig) return;
  for (const [name, tensor] of inputs) {
    const wanted = known.find((input) => input.name === name);
    if (wanted === undefined) throw unknownName('input', name, { model, known: known.map((input) => input.name) });
    checkTensor(tensor, wanted, description);
  }
  const missing = known.filter(({ name, isOptional }) => !isOptional && !inputs.some(([given]) => given === name));
  if (missing.length > 0) {
    const received = listed(inputs.map(([name]) => name));
    throw refusal(`inputs: model ${model} needs ${listed(missing.map(({ name }) => name))}; received ${received}`);
  }
  if (hasConfig && description.maxBatchSize > 0) checkBatches(inputs, description);
}

function checkTensor(tensor: InferInput, wanted: InputDescription, description: ModelDescription): void {
  const { name, datatype, shape } = wanted;
  const { name: model, maxBatchSize, hasConfig } = description;
  if (tensor.datatype !== datatype) {
    throw refusal(`inputs.${name} must be ${datatype} for model ${model}; received ${excerpt(tensor.datatype)}`);
  }
  if (!isWithin(tensor.shape, wanted, hasConfig)) {
    const hint = hasConfig && maxBatchSize > 0 ? ' (batch first)' : '';
    const received = formatShape(tensor.shape);
    throw refusal(
      `inputs.${name} must have the shape ${formatShape(shape)}${hint} for model ${model}; received ${received}`,
    );
  }
}

/**
 * Whether a shape is one that an input takes. A shape tensor's is left to the server, as versions of Triton differ on
 * its batch dimension; the empty shape in metadata of other servers may mean a scalar as well as any shape.
 */
function isWithin(shape: readonly number[], wanted: InputDescription, hasConfig: boolean): boolean {
  if (wanted.isShapeTensor || (!hasConfig && wanted.shape.length === 0)) return true;
  return shape.length === wanted.shape.length && wanted.shape.every((dim, index) => dim === -1 || dim === shape[index]);
}

/** The first dimension of every input is the batch: the same for all, of at least one item, and no more than there may be. */
function checkBatches(
  inputs: Inputs,
  { name: model, inputs: known, maxBatchSize, isSequence }: ModelDescription,
): void {
  const shapeTensors = known.filter(({ isShapeTensor }) => isShapeTensor).map(({ name }) => name);
  const batched = inputs.filter(([name]) => !shapeTensors.includes(name));
  const [first] = batched;
  if (first === undefined) return;
  const [firstName, { shape }] = first;
  const batch = shape[0] ?? 0;
  for (const [name, tensor] of batched) {
    if (tensor.shape[0] === batch) continue;
    const wanted = `the same batch as inputs.${firstName} (${batch}) for model ${model}`;
    throw refusal(`inputs.${name} must have ${wanted}; received ${tensor.shape[0]}`);
  }
  const most = isSequence ? 1 : maxBatchSize;
  if (batch > most) {
    const reason = isSequence ? ', which takes sequences' : '';
    throw refusal(
      `inputs.${firstName} must have a batch of at most ${most} for model ${model}${reason}; received ${batch}`,
    );
  }
  // The core takes a batch of none for one item without a batch dimension, and finds its bytes missing.
  const isLacking = batched.some(([, tensor]) => elementCount(tensor.shape.slice(1)) > 0);
  if (batch === 0 && isLacking) {
    throw refusal(`inputs.${firstName} must have a batch of at least 1 for model ${model}; received 0`);
  }
}

function formatShape(shape: readonly number[]): string {
  return excerpt(`[${shape.join(',')}]`);
}
