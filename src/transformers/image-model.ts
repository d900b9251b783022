import type { Job, WorkerPool } from '../concurrency/worker-pool.js';
import type { Picture } from '../imaging/picture.js';
import type { ResizeBatchInput } from '../imaging/resize.js';
import type { SampleSpec } from '../imaging/sample-spec.js';
import { type WarpBatchInput, type WarpCrop, warpBatchJob, warpSamples } from '../imaging/warp.js';
import { inferInBatches } from '../predictor/batch-infer.js';
import type { CallOptions, Predictor } from '../predictor/predictor.js';
import { elementCount, float32Tensor } from '../tensor.js';
import { joinSamples } from './picture-sampler.js';
import { readFloats } from './read-floats.js';
import type { RequestContext, TransformerServices } from './transformer.js';

/** A model: how pixels become its input, and how its outputs of one item are understood. */
export interface ImageModel<OutputName extends string, Answer> {
  /** Its name on the predictor. */
  readonly name: string;
  /** The name of its input, `[B, C, H, W]`. */
  readonly input: string;
  readonly spec: SampleSpec;
  /** The name of each output and its shape, without the batch dimension. */
  readonly outputs: Readonly<Record<OutputName, readonly number[]>>;
  /** What one item's outputs mean; all values are finite. They are views on the predictor's answer: copy what is kept. */
  readonly read: (outputs: Readonly<Record<OutputName, Float32Array>>) => Answer;
}

/** What running a model takes. */
export interface ModelRunner {
  readonly predictor: Pick<Predictor, 'infer' | 'modelInfo'>;
  readonly workers: Pick<WorkerPool, 'run'>;
  readonly maxBodyBytes: number;
  readonly call: CallOptions;
  readonly addTime: (name: string, ms: number) => void;
}

/**
 * Samples that are taken on the event loop at most: a crop of 64 × 64 with 4 samples a pixel, which takes 0.23 ms, or one
 * of 112 × 112 that is turned, 0.55 ms (measured, on one core). A way to a worker thread and back wakes two threads, each
 * of which waits for a core where all are busy.
 */
const INLINE_SAMPLES = 16_384;

/** Makes a model's input for the items [from, to), `[to - from, C, H, W]`; on a worker thread where that is worth the way. */
type Sample = (from: number, to: number) => Promise<Float32Array>;

/** What the models of one request are run with. */
export function modelRunner(
  services: Pick<TransformerServices, 'predictor' | 'workers' | 'maxPredictorBodyBytes'>,
  { call, addTime }: Pick<RequestContext, 'call' | 'addTime'>,
): ModelRunner {
  const { predictor, workers, maxPredictorBodyBytes } = services;
  return { predictor, workers, maxBodyBytes: maxPredictorBodyBytes, call, addTime };
}

/**
 * Runs a model over crops of pictures.
 * @returns one answer per crop, in order
 * @throws ServiceError `upstream_error` naming the model when it answers other than it can; what the predictor throws
 */
export function runOnCrops<OutputName extends string, Answer>(
  runner: ModelRunner,
  model: ImageModel<OutputName, Answer>,
  crops: readonly WarpCrop[],
): Promise<Answer[]> {
  const sample: Sample = async (from, to) => {
    const input = { crops: crops.slice(from, to), spec: model.spec };
    return isQuick(input) ? warpBatchJob.run(input) : runner.workers.run(warpBatchJob, input, runner.call);
  };
  return runModel(runner, model, { count: crops.length, sample });
}

/** Whether sampling takes less than handing it over to a worker thread and back. */
function isQuick({ crops, spec }: WarpBatchInput): boolean {
  const samples = crops.reduce((sum, { map }) => sum + warpSamples(map, spec) ** 2, 0);
  return spec.widthPx * spec.heightPx * samples <= INLINE_SAMPLES;
}

/**
 * Runs a model over whole pictures, each stretched over the model's input.
 * @param what.resize how they are stretched
 * @returns one answer per picture, in order
 * @throws ServiceError as runOnCrops
 */
export function runOnPictures<OutputName extends string, Answer>(
  runner: ModelRunner,
  model: ImageModel<OutputName, Answer>,
  what: { readonly pictures: readonly Picture[]; readonly resize: Job<ResizeBatchInput, Float32Array> },
): Promise<Answer[]> {
  const { pictures, resize } = what;
  const sample: Sample = (from, to) =>
    runner.workers.run(resize, { pictures: pictures.slice(from, to), spec: model.spec }, runner.call);
  return runModel(runner, model, { count: pictures.length, sample });
}

/**
 * Runs a model over what was made of whole pictures before.
 * @param samples the model's input of each, `[C, H, W]`
 * @returns one answer per picture, in order
 * @throws ServiceError as runOnCrops
 */
export function runOnSamples<OutputName extends string, Answer>(
  runner: ModelRunner,
  model: ImageModel<OutputName, Answer>,
  samples: readonly Float32Array[],
): Promise<Answer[]> {
  const sample: Sample = (from, to) => Promise.resolve(joinSamples(samples.slice(from, to)));
  return runModel(runner, model, { count: samples.length, sample });
}

/**
 * Runs a model over any number of items, in batches; each batch's input is made just before its call.
 * @returns one answer per item, in order
 * @throws ServiceError as runOnCrops
 */
export async function runModel<OutputName extends string, Answer>(
  runner: ModelRunner,
  model: ImageModel<OutputName, Answer>,
  items: { readonly count: number; readonly sample: Sample },
): Promise<Answer[]> {
  if (items.count === 0) return [];
  const startedAt = performance.now();
  const itemShape = inputShape(model.spec);
  const outputNames = Object.keys(model.outputs) as OutputName[];
  const job = {
    model: model.name,
    input: model.input,
    outputs: outputNames,
    itemCount: items.count,
    itemBytes: elementCount(itemShape) * Float32Array.BYTES_PER_ELEMENT,
    build: async (from: number, to: number) => float32Tensor([to - from, ...itemShape], await items.sample(from, to)),
  };
  const tensors = await inferInBatches(runner.predictor, job, { maxBodyBytes: runner.maxBodyBytes, call: runner.call });
  runner.addTime(model.name, performance.now() - startedAt);
  const columns = outputNames.map((output) => {
    const itemShapeOfOutput = model.outputs[output];
    const values = readFloats(tensors, { model: model.name, output, shape: [items.count, ...itemShapeOfOutput] });
    return { output, values, size: elementCount(itemShapeOfOutput) };
  });
  return Array.from({ length: items.count }, (_, item) => {
    const ofItem = columns.map(({ output, values, size }) => [output, values.subarray(item * size, (item + 1) * size)]);
    return model.read(Object.fromEntries(ofItem) as Record<OutputName, Float32Array>);
  });
}

function inputShape({ channels, widthPx, heightPx }: SampleSpec): readonly number[] {
  return [channels === 'rgb' ? 3 : 1, heightPx, widthPx];
}
