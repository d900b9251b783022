import { type Box, iou } from './boxes.js';

/**
 * Greedy non-maximum suppression: takes boxes by falling score, the earlier first among equals, and drops each that
 * overlaps one already taken by more than the threshold. O(n · kept) time, O(n) memory.
 * @param scores one per box; their range does not matter
 * @param options.iouThreshold 0..1; a box at exactly the threshold stays
 * @returns the indices of the boxes taken, by falling score
 */
export function nms(
  boxes: readonly Box[],
  scores: ArrayLike<number>,
  { iouThreshold }: { iouThreshold: number },
): number[] {
  const scoreOf = (index: number) => scores[index] ?? 0;
  const order = boxes.map((box, index) => ({ box, index })).sort((a, b) => scoreOf(b.index) - scoreOf(a.index));
  const kept: typeof order = [];
  for (const candidate of order) {
    if (kept.every((taken) => iou(taken.box, candidate.box) <= iouThreshold)) kept.push(candidate);
  }
  return kept.map(({ index }) => index);
}
