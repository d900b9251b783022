import { excerpt, ServiceError } from '../../errors.js';
import type { NmsOptions } from '../../imaging/nms.js';
import type { PictureSize } from '../../imaging/resize-antialiased.js';
import type { CandidateOptions } from './candidates.js';
import { HELMET_LABELS, readLabels } from './labels.js';
import type { Layout } from './layout.js';
import type { HelmetDetectionOptions } from './options.js';

/** The options, completed and checked. */
export interface DetectionSettings {
  /** The names of the model's classes, in its order. */
  readonly labels: readonly string[];
  readonly fit: HelmetDetectionOptions['helmet_detection_fit'];
  readonly tensors: TensorSettings;
  readonly candidates: CandidateOptions;
  readonly nms: Required<NmsOptions>;
  readonly isClassAgnostic: boolean;
}

/** What was given of the model's tensors; what was not, its metadata say. */
interface TensorSettings {
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly size: PictureSize | undefined;
  readonly layout: Layout | 'auto';
}

/**
 * Completes the options, and reads the file of labels.
 * @throws ServiceError `invalid_argument` when that cannot be used, or a class that is asked for is not among them
 */
export function detectionSettings(options: HelmetDetectionOptions): DetectionSettings {
  const { helmet_detection_labels: file } = options;
  const labels = file === undefined ? HELMET_LABELS : readLabels(file);
  return {
    labels,
    fit: options.helmet_detection_fit,
    tensors: {
      input: options.helmet_detection_input_name,
      output: options.helmet_detection_output_name,
      size: options.helmet_detection_input_size,
      layout: options.helmet_detection_output,
    },
    candidates: {
      objectness: options.helmet_detection_objectness,
      confidence: options.helmet_detection_confidence,
      isMultiLabel: options.helmet_detection_multi_label,
      isWanted: wantedClasses(options.helmet_detection_classes, labels),
    },
    nms: {
      iouThreshold: options.helmet_detection_iou,
      maxCandidates: options.helmet_detection_max_candidates,
      maxKept: options.helmet_detection_max_detections,
    },
    isClassAgnostic: options.helmet_detection_class_agnostic,
  };
}

/** A class may be named, or told by its number. */
function wantedClasses(given: string | undefined, labels: readonly string[]): readonly boolean[] {
  if (given === undefined) return labels.map(() => true);
  const wanted = given.split(',').map((word) => {
    const name = word.trim();
    const index = labels.includes(name) ? labels.indexOf(name) : /^\d+$/.test(name) ? Number(name) : -1;
    if (labels[index] !== undefined) return index;
    const message = `--helmet_detection_classes: there is no class "${excerpt(name)}"; the model has ${excerpt(labels.join(', '))}`;
    throw new ServiceError('invalid_argument', message);
  });
  return labels.map((_, index) => wanted.includes(index));
}
