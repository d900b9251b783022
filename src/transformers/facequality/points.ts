import type { Point } from '../../imaging/affine.js';

/** Image-left eye, image-right eye, nose tip, image-left mouth corner, image-right mouth corner. */
export type FivePoints = readonly [Point, Point, Point, Point, Point];

/** Places in the iBUG 68-point order, https://ibug.doc.ic.ac.uk/resources/facial-point-annotations/. */
export const LANDMARK = {
  chin: [8],
  noseTip: [30],
  leftEyeCorners: [36, 39],
  rightEyeCorners: [42, 45],
  leftEyeLids: [37, 38, 40, 41],
  rightEyeLids: [43, 44, 46, 47],
  leftMouthCorner: [48, 60],
  rightMouthCorner: [54, 64],
  innerLips: [62, 66],
  leftEyeOpening: [
    [37, 41],
    [38, 40],
  ],
  rightEyeOpening: [
    [43, 47],
    [44, 46],
  ],
  mouthOpening: [
    [61, 67],
    [62, 66],
    [63, 65],
  ],
} as const;

/** The mean of some of the points. */
export function centre(points: readonly Point[], indices: readonly number[]): Point {
  const chosen = indices.map((index) => pointAt(points, index));
  return [mean(chosen.map(([x]) => x)), mean(chosen.map(([, y]) => y))];
}

/** Eye centres (mean of the four lid points), nose tip, and mouth corners (mean of outer and inner) of 68 landmarks. */
export function fivePoints(landmarks: readonly Point[]): FivePoints {
  return [
    centre(landmarks, LANDMARK.leftEyeLids),
    centre(landmarks, LANDMARK.rightEyeLids),
    centre(landmarks, LANDMARK.noseTip),
    centre(landmarks, LANDMARK.leftMouthCorner),
    centre(landmarks, LANDMARK.rightMouthCorner),
  ];
}

/** The point halfway between two. */
export function midpoint(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

/** The Euclidean distance of two points. */
export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** The widest distance within several pairs of the points. */
export function widestGap(points: readonly Point[], pairs: readonly (readonly [number, number])[]): number {
  return Math.max(...pairs.map(([a, b]) => distance(pointAt(points, a), pointAt(points, b))));
}

function pointAt(points: readonly Point[], index: number): Point {
  const point = points[index];
  if (point === undefined) throw new RangeError(`point ${index} of ${points.length} landmarks`);
  return point;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
