import type { Box } from './boxes.js';

/** Boxes in linear memory, box by box. */
export interface BoxList {
  /** Left, upper, right and lower edge of each. */
  readonly corners: Float64Array;
  /** One per box, none of them NaN; their range does not matter. */
  readonly scores: Float32Array | Float64Array;
  /** One per box: boxes of different classes do not drop each other. All are of one class when absent. */
  readonly classes?: Uint16Array;
}

/** How boxes are suppressed. */
export interface NmsOptions {
  /** 0..1; a box at exactly the threshold stays. */
  readonly iouThreshold: number;
  /** Of more boxes, those of the highest scores are looked at. */
  readonly maxCandidates?: number;
  /** When so many are taken, the others are dropped. */
  readonly maxKept?: number;
}

/**
 * Greedy non-maximum suppression: takes boxes by falling score, the earlier first among equals, and drops each that
 * overlaps one already taken of its class by more than the threshold. O(n · kept) time, O(n) memory, no object per box.
 *
 * What is usually done by moving the boxes of each class to a place of their own and suppressing them all at once
 * (torchvision's `batched_nms`), without the rounding that comes with that.
 * @returns the indices of the boxes taken, by falling score
 */
export function nms({ corners, scores, classes }: BoxList, options: NmsOptions): Uint32Array {
  const { iouThreshold, maxCandidates = Infinity, maxKept = Infinity } = options;
  const order = byFallingScore(scores, maxCandidates);
  const kept = new Uint32Array(Math.min(order.length, maxKept));
  // What is compared lies together: the corners, area and class of the boxes taken so far.
  const taken = new Float64Array(kept.length * FIELDS);
  let count = 0;
  for (let i = 0; i < order.length && count < kept.length; i++) {
    const index = order[i] ?? 0;
    const x1 = corners[4 * index] ?? 0;
    const y1 = corners[4 * index + 1] ?? 0;
    const x2 = corners[4 * index + 2] ?? 0;
    const y2 = corners[4 * index + 3] ?? 0;
    const area = Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
    const ofClass = classes?.[index] ?? 0;
    let isFree = true;
    for (let at = 0; at < count * FIELDS; at += FIELDS) {
      if (taken[at + CLASS] !== ofClass) continue;
      const width = Math.min(x2, taken[at + 2] ?? 0) - Math.max(x1, taken[at] ?? 0);
      if (width <= 0) continue;
      const height = Math.min(y2, taken[at + 3] ?? 0) - Math.max(y1, taken[at + 1] ?? 0);
      if (height <= 0) continue;
      const shared = width * height;
      if (shared / (area + (taken[at + AREA] ?? 0) - shared) > iouThreshold) {
        isFree = false;
        break;
      }
    }
    if (!isFree) continue;
    const at = count * FIELDS;
    taken[at] = x1;
    taken[at + 1] = y1;
    taken[at + 2] = x2;
    taken[at + 3] = y2;
    taken[at + AREA] = area;
    taken[at + CLASS] = ofClass;
    kept[count++] = index;
  }
  return kept.slice(0, count);
}

/** Boxes of one class, with their scores, in linear memory. */
export function toBoxList(candidates: readonly { readonly box: Box; readonly score: number }[]): BoxList {
  return {
    corners: Float64Array.from(candidates.flatMap(({ box }) => box)),
    scores: Float64Array.from(candidates, ({ score }) => score),
  };
}

/** What is kept of a box that was taken: four corners, then these. */
const AREA = 4;
const CLASS = 5;
const FIELDS = 6;

/** The indices of the highest scores, by falling score, the earlier first among equals. */
function byFallingScore(scores: BoxList['scores'], most: number): Uint32Array {
  const best = scores.length > most ? highest(scores, most) : Uint32Array.from(scores, (_, index) => index);
  return best.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}

/** The indices of the `most` highest scores, the earlier ones among equals, in their order. */
function highest(scores: BoxList['scores'], most: number): Uint32Array {
  // Sorting plain numbers is several times as fast as sorting indices by what they lead to.
  const sorted = scores.slice().sort();
  const least = sorted[scores.length - most] ?? 0;
  let equals = 0;
  for (let at = scores.length - most; at < scores.length && sorted[at] === least; at++) equals++;
  const chosen = new Uint32Array(most);
  let count = 0;
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? 0;
    if (score > least || (score === least && equals-- > 0)) chosen[count++] = index;
  }
  return chosen;
}
