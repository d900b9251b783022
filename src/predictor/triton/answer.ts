import type { AnyTensor } from '../../tensor.js';
import type { InferInput, RegionSlice, SharedTensor, TritonInferRequest, TritonInferResult } from './inference.js';
import { invalidAnswer } from './upstream-error.js';

/** What an answer is read by. */
export type AskedFor = Pick<TritonInferRequest, 'model' | 'outputs'>;

/** What is asked of, for messages. */
export function subjectOf(request: Pick<TritonInferRequest, 'model'>): string {
  return `model ${request.model}`;
}

/** A request's inputs by name, in their order. */
export function inputsOf(request: Pick<TritonInferRequest, 'inputs'>): (readonly [string, InferInput])[] {
  const { inputs } = request;
  return isMap(inputs) ? [...inputs] : Object.entries(inputs);
}

/**
 * Where a request has the server write an output; undefined where it comes with the answer. The answer itself does not
 * say: Triton 2.51 gives name, datatype and shape alone, over both protocols.
 */
export function requestedSlice(request: Pick<TritonInferRequest, 'outputs'>, output: string): RegionSlice | undefined {
  for (const requested of request.outputs ?? []) {
    if (typeof requested !== 'string' && requested.name === output) return requested.sharedMemory;
  }
  return undefined;
}

/** An answer as it was read from the wire. */
export interface ReceivedAnswer extends Omit<TritonInferResult, 'outputs' | 'sharedOutputs'> {
  readonly received: ReadonlyMap<string, AnyTensor | SharedTensor>;
}

/**
 * The answer to a request: the outputs that were asked for, in that order; all of them when none was named.
 * @throws ServiceError `upstream_error` when an output asked for is missing
 */
export function toInferResult(request: AskedFor, answer: ReceivedAnswer): TritonInferResult {
  const { received, ...rest } = answer;
  const outputs = new Map<string, AnyTensor>();
  const sharedOutputs = new Map<string, SharedTensor>();
  const names = request.outputs?.map((output) => (typeof output === 'string' ? output : output.name));
  for (const name of names ?? received.keys()) {
    const tensor = received.get(name);
    if (tensor === undefined) throw invalidAnswer(subjectOf(request), `output ${name} is missing`);
    if ('sharedMemory' in tensor) sharedOutputs.set(name, tensor);
    else outputs.set(name, tensor);
  }
  return { ...rest, outputs, sharedOutputs };
}

function isMap(inputs: TritonInferRequest['inputs']): inputs is ReadonlyMap<string, InferInput> {
  return inputs instanceof Map;
}
