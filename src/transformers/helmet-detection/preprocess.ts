import type { Job } from '../../concurrency/worker-pool.js';
import { centredPlace, type Place } from '../../imaging/letterbox.js';
import { letterboxBatchJob } from '../../imaging/letterbox-batch.js';
import type { Picture } from '../../imaging/picture.js';
import type { ResizeBatchInput } from '../../imaging/resize.js';
import { resizeAntialiasedBatchJob } from '../../imaging/resize-antialiased.js';
import type { SampleSpec } from '../../imaging/sample-spec.js';
import type { ModelForm } from './model-form.js';
import type { DetectionSettings } from './settings.js';

/** x / 255, the grey of the bars 114: as YOLOv5's detect.py prepares pictures. */
const WHITE = 255;
const BAR_GREY = 114;

/** The pictures of a request and where in the model's input each will lie. */
export interface Prepared {
  readonly form: ModelForm;
  readonly spec: SampleSpec;
  readonly pictures: readonly Picture[];
  readonly places: readonly Place[];
  /** Makes the model's input of some of the pictures, just before their call. */
  readonly sample: Job<ResizeBatchInput, Float32Array>;
}

/** Prepares pictures for the detector: RGB, 0..1, either stretched over its input or letterboxed in it. */
export function preprocess(
  form: ModelForm,
  pictures: readonly Picture[],
  { fit }: Pick<DetectionSettings, 'fit'>,
): Prepared {
  const { widthPx, heightPx } = form;
  const size = { widthPx, heightPx };
  const all = { left: 0, top: 0, ...size };
  return {
    form,
    spec: { ...size, channels: 'rgb', mean: [0, 0, 0], std: [WHITE, WHITE, WHITE], fill: BAR_GREY },
    pictures,
    places: pictures.map((picture) => (fit === 'letterbox' ? centredPlace(picture, size) : all)),
    sample: fit === 'letterbox' ? letterboxBatchJob : resizeAntialiasedBatchJob,
  };
}
