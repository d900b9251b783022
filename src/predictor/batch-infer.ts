import { abortReason, eitherSignal } from '../concurrency/deadline.js';
import { createLimiter } from '../concurrency/limiter.js';
import { ServiceError } from '../errors.js';
import type { AnyTensor } from '../tensor.js';
import { joinTensors } from './join-tensors.js';
import type { CallOptions, ModelInfo, NamedTensors, Predictor } from './predictor.js';

/**
 * How many batches of one job exist at once, as tensors or under way: one is computed on, one is on the wire, one is
 * built, and one waits so that the predictor never does. More would only hold more memory.
 */
const WINDOW = 4;

/** Many items for one input of one model. */
export interface BatchJob {
  readonly model: string;
  /** The name of the input. */
  readonly input: string;
  /** The outputs wanted; the first dimension of each counts the items. */
  readonly outputs: readonly string[];
  readonly itemCount: number;
  /** The size of one item's tensor in bytes. */
  readonly itemBytes: number;
  /** Makes the tensor of the items from `from` to before `to`, of shape `[to - from, …]`; it is the predictor's then. */
  readonly build: (from: number, to: number) => Promise<AnyTensor>;
}

/**
 * Runs a model over many items: in batches of equal size as nearly as can be, at most the model's `maxBatchSize` and
 * `maxBodyBytes` of tensor, up to 4 of them at once. A model that does not batch gets one item a call, its tensor as
 * built: `[1, …]`.
 * @returns each output wanted, joined in the items' order along the first dimension; an empty map when there is no
 * item, since the outputs' other dimensions are then unknown. No call is made for that.
 * @throws ServiceError `payload_too_large` when one item is over `maxBodyBytes`; `upstream_error` when an output does
 * not count the batch's items; else that of the first batch that fails, which cancels the others
 */
export async function inferInBatches(
  predictor: Pick<Predictor, 'infer' | 'modelInfo'>,
  job: BatchJob,
  options: { maxBodyBytes: number; call?: CallOptions },
): Promise<ReadonlyMap<string, AnyTensor>> {
  if (job.itemCount === 0) return new Map();
  const { maxBodyBytes, call = {} } = options;
  const info = await predictor.modelInfo(job.model, call);
  const ranges = evenRanges(job.itemCount, batchSize(job, info, maxBodyBytes));
  const build = async (from: number, to: number) => new Map([[job.input, await job.build(from, to)]]);
  return inferRanges(predictor, { model: job.model, outputs: job.outputs, ranges, build }, call);
}

/** Items from the first number to before the second. */
export type Range = readonly [from: number, to: number];

/** Many items for one model of any inputs, already divided into batches. */
export interface RangesJob extends Pick<BatchJob, 'model' | 'outputs'> {
  /** One call each; no more items in one than the model takes. */
  readonly ranges: readonly Range[];
  /** Makes the inputs of the items from `from` to before `to`; they are the predictor's then. */
  readonly build: (from: number, to: number) => Promise<NamedTensors>;
}

/**
 * Runs a model over batches that the caller has chosen, up to 4 of them at once.
 * @returns each output wanted, joined along the first dimension in the order of the ranges; an empty map when there are none
 * @throws ServiceError `upstream_error` when an output does not count the batch's items; else that of the first batch that
 * fails, which cancels the others
 */
export async function inferRanges(
  predictor: Pick<Predictor, 'infer'>,
  job: RangesJob,
  call: CallOptions = {},
): Promise<ReadonlyMap<string, AnyTensor>> {
  const [only, ...others] = job.ranges;
  if (only === undefined) return new Map();
  if (others.length === 0) {
    if (call.signal?.aborted === true) throw abortReason(call.signal);
    const outputs = await inferBatch(predictor, job, { range: only, call });
    return new Map(outputs.map((output, index) => [job.outputs[index] ?? '', output]));
  }
  const failure = new AbortController();
  // Every batch that waits listens.
  const signal = eitherSignal(call.signal, failure.signal);
  const window = createLimiter({ capacity: WINDOW, what: `batches for model ${job.model}` });

  const runBatch = async (range: Range) => {
    try {
      return await inferBatch(predictor, job, { range, call: { ...call, signal } });
    } catch (error) {
      // Before the place in the window is given back, so that no further batch begins.
      failure.abort(error);
      throw error;
    }
  };

  const batches = await Promise.all(job.ranges.map((range) => window.run(() => runBatch(range), { signal })));
  return new Map(
    job.outputs.map((name, index) => {
      const parts = batches.flatMap((outputs) => outputs[index] ?? []);
      return [name, joinTensors(parts, `model ${job.model}, output ${name}`)];
    }),
  );
}

/** One call: the outputs wanted, in their order. */
async function inferBatch(
  predictor: Pick<Predictor, 'infer'>,
  job: RangesJob,
  { range: [from, to], call }: { range: Range; call: CallOptions },
): Promise<AnyTensor[]> {
  const inputs = await job.build(from, to);
  const request = { model: job.model, inputs, outputs: job.outputs, givesInputsAway: true };
  const { outputs } = await predictor.infer(request, call);
  return job.outputs.map((name) => countedOutput(job.model, name, outputs.get(name), to - from));
}

function batchSize(job: BatchJob, info: ModelInfo, maxBodyBytes: number): number {
  const fitting = Math.floor(maxBodyBytes / job.itemBytes);
  if (fitting === 0) {
    const message = `One item for model ${job.model} takes ${job.itemBytes} bytes; a call to the predictor holds at most ${maxBodyBytes}`;
    throw new ServiceError('payload_too_large', message);
  }
  return Math.min(job.itemCount, fitting, Math.max(1, info.maxBatchSize));
}

/** 9 items of at most 8 are 5 and 4, not 8 and 1. */
function evenRanges(count: number, maxSize: number): Range[] {
  const batchCount = Math.ceil(count / maxSize);
  const edge = (index: number) => Math.ceil((count * index) / batchCount);
  return Array.from({ length: batchCount }, (_, index) => [edge(index), edge(index + 1)]);
}

function countedOutput(model: string, name: string, tensor: AnyTensor | undefined, count: number): AnyTensor {
  if (tensor?.shape[0] === count) return tensor;
  const received = tensor === undefined ? 'is missing' : `has the shape [${tensor.shape.join(',')}]`;
  const message = `The predictor's answer for model ${model} is not valid: output ${name} ${received} for ${count} items`;
  throw new ServiceError('upstream_error', message);
}
