import { allCandidates } from '../../../src/transformers/helmet-detection/candidates.js';
import { suppress } from '../../../src/transformers/helmet-detection/suppress.js';
import { type YoloCase, yoloCases, yoloTensor } from '../../helpers/yolo-tensors.js';

/** Rows of x1, y1, x2, y2, confidence, class, best first. */
function found(it: YoloCase): { rows: Float64Array; broken: number } {
  const { layout, places, classes, objectness, confidence, wanted } = it;
  const candidates = allCandidates(
    { values: yoloTensor(it), layout, places, classes },
    {
      ...{ objectness, confidence, isMultiLabel: it.multi_label },
      isWanted: Array.from({ length: classes }, (_, label) => wanted === null || wanted.includes(label)),
    },
  );
  const boxes = suppress({
    ...candidates,
    isClassAgnostic: it.agnostic,
    nms: { iouThreshold: it.iou, maxCandidates: it.max_candidates, maxKept: it.max_detections },
  });
  const rows = Array.from(boxes.scores, (score, i) => [
    ...boxes.corners.subarray(4 * i, 4 * i + 4),
    score,
    boxes.classes[i] ?? NaN,
  ]);
  return { rows: Float64Array.from(rows.flat()), broken: candidates.broken };
}

describe('allCandidates() and suppress()', () => {
  const cases = yoloCases();

  it('are tried on 200 tensors of every kind', () => {
    expect(cases).toHaveLength(200);
    const kinds = cases.map(({ it }) => it);
    expect(kinds.filter(({ found: count }) => count > 0).length).toBeGreaterThan(150);
    expect(kinds.filter(({ broken }) => broken > 0).length).toBeGreaterThan(10);
    expect(kinds.some(({ places, found: count }) => places === 25_200 && count === 300)).toBe(true);
  });

  it.each(cases.map(({ it, expected }) => [it.seed, it, expected] as const))(
    'find in tensor %i what the reference finds, to the last bit and in its order',
    (_, it, expected) => {
      const { rows, broken } = found(it);
      expect(broken).toBe(it.broken);
      expect(rows.length / 6).toBe(it.found);
      // Bit by bit: an array of 1800 numbers is compared faster so.
      expect(Buffer.from(rows.buffer).equals(Buffer.from(expected.slice().buffer))).toBe(true);
    },
  );
});
