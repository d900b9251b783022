import type { Place } from '../../imaging/letterbox.js';
import { inferInBatches } from '../../predictor/batch-infer.js';
import { elementCount, float32Tensor } from '../../tensor.js';
import type { ModelRunner } from '../image-model.js';
import type { OutputView } from './candidates.js';
import { layoutOf } from './model-form.js';
import type { Prepared } from './preprocess.js';
import type { DetectionSettings } from './settings.js';
import { ServiceError } from '../../errors.js';

/** What the model says of each picture, and where in its input the picture lay. */
export interface Predicted {
  readonly model: string;
  readonly pictures: readonly { readonly output: OutputView; readonly place: Place }[];
}

/**
 * Runs the detector over pictures, in as few calls as it lets us; no output is copied together with another call's.
 * @throws ServiceError `upstream_error` naming the model when it answers other than a detector can; what the predictor
 * throws
 */
export async function predict(
  runner: ModelRunner,
  prepared: Prepared,
  settings: Pick<DetectionSettings, 'labels' | 'tensors'>,
): Promise<Predicted> {
  const { form, places } = prepared;
  const startedAt = performance.now();
  const { maxBatchSize } = await runner.predictor.modelInfo(form.name, runner.call);
  const size = Math.max(1, Math.min(maxBatchSize, places.length));
  const starts = Array.from({ length: Math.ceil(places.length / size) }, (_, batch) => batch * size);
  const outputs = await Promise.all(starts.map((from) => runBatch(runner, prepared, { from, size, settings })));
  runner.addTime(form.name, performance.now() - startedAt);
  return {
    model: form.name,
    pictures: outputs.flat().map((output, index) => ({ output, place: places[index] ?? unplaced(index) })),
  };
}

/** The views of the outputs of up to `size` pictures. */
async function runBatch(
  { predictor, workers, maxBodyBytes, call }: ModelRunner,
  { form, spec, pictures, sample }: Prepared,
  what: { from: number; size: number; settings: Pick<DetectionSettings, 'labels' | 'tensors'> },
): Promise<OutputView[]> {
  const { from, size, settings } = what;
  const batch = pictures.slice(from, from + size);
  const shape = [3, form.heightPx, form.widthPx];
  const job = {
    model: form.name,
    input: form.input,
    outputs: [form.output],
    itemCount: batch.length,
    itemBytes: elementCount(shape) * Float32Array.BYTES_PER_ELEMENT,
    build: async (first: number, end: number) => {
      const values = await workers.run(sample, { pictures: batch.slice(first, end), spec }, call);
      return float32Tensor([end - first, ...shape], values);
    },
  };
  const outputs = await inferInBatches(predictor, job, { maxBodyBytes, call });
  const tensor = outputs.get(form.output);
  if (tensor?.datatype !== 'FP32') {
    const received = tensor === undefined ? 'none' : `${tensor.datatype} [${tensor.shape.join(',')}]`;
    const message = `Model ${form.name} answered what it cannot have meant: expected output ${form.output} as FP32, received ${received}`;
    throw new ServiceError('upstream_error', message);
  }
  const layout = layoutOf(tensor, { form, labels: settings.labels, layout: settings.tensors.layout });
  const [, rows = 0, columns = 0] = tensor.shape;
  return batch.map((_, index) => ({
    values: tensor.data.subarray(index * rows * columns, (index + 1) * rows * columns),
    layout,
    places: layout === 'yolov5' ? rows : columns,
    classes: settings.labels.length,
  }));
}

function unplaced(index: number): never {
  throw new RangeError(`no place for picture ${index}`);
}
