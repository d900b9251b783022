import { type BoxList, nms, type NmsOptions } from '../../imaging/nms.js';

/** Candidates and how they are suppressed; plain data, so that it can cross to a worker thread. */
export interface SuppressInput extends Required<BoxList> {
  readonly isClassAgnostic: boolean;
  readonly nms: NmsOptions;
}

/** Boxes that are left, by falling score. */
export interface Boxes {
  readonly corners: Float64Array;
  readonly scores: Float64Array;
  readonly classes: Uint16Array;
}

/** So many candidates are compared on the event loop at most: 0.1 ms when none of them overlap (measured, on one core). */
const INLINE_CANDIDATES = 150;

/** Whether comparing them takes less than handing them over to a worker thread and back. */
export function isQuick({ scores }: Pick<SuppressInput, 'scores'>): boolean {
  return scores.length <= INLINE_CANDIDATES;
}

/** Leaves one box for each thing. */
export function suppress({ corners, scores, classes, isClassAgnostic, nms: options }: SuppressInput): Boxes {
  const kept = nms({ corners, scores, ...(isClassAgnostic ? {} : { classes }) }, options);
  const boxes = {
    corners: new Float64Array(4 * kept.length),
    scores: new Float64Array(kept.length),
    classes: new Uint16Array(kept.length),
  };
  kept.forEach((index, at) => {
    boxes.corners.set(corners.subarray(4 * index, 4 * index + 4), 4 * at);
    boxes.scores[at] = scores[index] ?? 0;
    boxes.classes[at] = classes[index] ?? 0;
  });
  return boxes;
}

/** `suppress` as a job for a worker pool. */
export const suppressJob = { module: import.meta.url, name: 'suppress', run: suppress } as const;
