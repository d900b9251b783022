import fc from 'fast-check';
import { type Box, iou } from '../../src/imaging/boxes.js';
import { nms as nmsOf, type NmsOptions } from '../../src/imaging/nms.js';

const A: Box = [0, 0, 10, 10];
const NEAR_A: Box = [1, 0, 11, 10];
const B: Box = [50, 50, 60, 60];

/** Of boxes one by one; the classes are all the same when absent. */
function nms(
  boxes: readonly Box[],
  scores: readonly number[],
  { classes, ...options }: NmsOptions & { classes?: readonly number[] },
): number[] {
  const list = { corners: Float64Array.from(boxes.flat()), scores: Float64Array.from(scores) };
  return [...nmsOf(classes === undefined ? list : { ...list, classes: Uint16Array.from(classes) }, options)];
}

/** By the definition: again and again the best of those left, and away with all that overlap it. */
function naive(boxes: readonly Box[], scores: readonly number[], iouThreshold: number): number[] {
  let left = boxes.map((_, index) => index);
  const kept: number[] = [];
  while (left.length > 0) {
    const best = left.reduce((a, b) => ((scores[b] ?? 0) > (scores[a] ?? 0) ? b : a));
    kept.push(best);
    left = left.filter((i) => i !== best && iou(boxes[best] ?? A, boxes[i] ?? A) <= iouThreshold);
  }
  return kept;
}

describe('nms()', () => {
  it('keeps the better of two that overlap, best first', () => {
    expect(nms([B, NEAR_A, A], [0.5, 0.7, 0.9], { iouThreshold: 0.4 })).toEqual([2, 0]);
  });

  it('keeps the earlier of equal scores', () => {
    expect(nms([NEAR_A, B, A], [0.9, 0.9, 0.9], { iouThreshold: 0.4 })).toEqual([0, 1]);
  });

  it('keeps a box that overlaps by just the threshold', () => {
    expect(nms([A, [0, 0, 10, 5]], [2, 1], { iouThreshold: 0.5 })).toEqual([0, 1]);
    expect(nms([A, [0, 0, 10, 5]], [2, 1], { iouThreshold: 0.4999 })).toEqual([0]);
  });

  it('lets a dropped box drop no other', () => {
    const chain: Box[] = [[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]]; // prettier-ignore
    expect(nms(chain, [3, 2, 1], { iouThreshold: 0.3 })).toEqual([0, 2]);
  });

  it('gives nothing for nothing', () => {
    expect(nms([], [], { iouThreshold: 0.5 })).toEqual([]);
  });

  it('takes the scores in single precision, too', () => {
    const list = { corners: Float64Array.from([A, B].flat()), scores: Float32Array.of(0.25, 0.5) };
    expect([...nmsOf(list, { iouThreshold: 0.5 })]).toEqual([1, 0]);
  });

  it('keeps boxes of different classes apart', () => {
    const how = { iouThreshold: 0.4, classes: [7, 0, 7] };
    expect(nms([A, NEAR_A, A], [0.5, 0.7, 0.9], how)).toEqual([2, 1]);
  });

  it('takes no more than it may, and looks at no more candidates than it may', () => {
    const apart = Array.from({ length: 9 }, (_, i): Box => [20 * i, 0, 20 * i + 10, 10]);
    const scores = [3, 1, 4, 1, 5, 9, 2, 6, 5];
    expect(nms(apart, scores, { iouThreshold: 0.4, maxKept: 3 })).toEqual([5, 7, 4]);
    expect(nms(apart, scores, { iouThreshold: 0.4, maxCandidates: 3 })).toEqual([5, 7, 4]);
    expect(nms([A, NEAR_A, B], [3, 2, 1], { iouThreshold: 0.4, maxCandidates: 2 })).toEqual([0]);
    expect(nms([A, B], [1, 1], { iouThreshold: 0.4, maxKept: 1 })).toEqual([0]);
  });

  it('chooses the earlier candidates among equals', () => {
    const apart = Array.from({ length: 6 }, (_, i): Box => [20 * i, 0, 20 * i + 10, 10]);
    expect(nms(apart, [1, 2, 1, 2, 1, 2], { iouThreshold: 0.4, maxCandidates: 4 })).toEqual([1, 3, 5, 0]);
  });

  it('agrees with the definition', () => {
    const side = fc.nat(12);
    const box = fc.tuple(side, side, side, side).map(([x, y, w, h]): Box => [x, y, x + w, y + h]);
    const scored = fc.array(fc.tuple(box, fc.nat(5)), { maxLength: 40 });
    fc.assert(
      fc.property(scored, fc.constantFrom(0, 0.25, 0.5, 1), (pairs, iouThreshold) => {
        const boxes = pairs.map(([of]) => of);
        const scores = pairs.map(([, score]) => score);
        expect(nms(boxes, scores, { iouThreshold })).toEqual(naive(boxes, scores, iouThreshold));
      }),
    );
  });
});
