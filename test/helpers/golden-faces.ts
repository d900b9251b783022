import type { Response } from 'common-data-type';
import { readFileSync } from 'node:fs';

const SAMPLES = new URL('../../samples/faces/', import.meta.url);
const GOLDEN = new URL('../fixtures/faces/golden.json', import.meta.url);

/** What the reference says of a face, as far as the service answers it too. */
interface GoldenFace {
  readonly box: readonly [number, number, number, number];
  readonly score: number;
  readonly landmarks5: readonly (readonly [number, number])[];
  readonly pose: { readonly yaw: number; readonly pitch: number; readonly roll: number };
  readonly eyes_open: readonly [number, number];
  readonly liveness: { readonly live: number; readonly crop_factor: number };
  readonly components: Readonly<Record<string, number>>;
  /** 0..100, one decimal. */
  readonly quality: number;
}

/** A sample picture and what the reference says of it; the faces come largest first. */
export interface GoldenPicture {
  /** Its file's name in samples/faces. */
  readonly name: string;
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly GoldenFace[];
  readonly tolerance: Tolerance;
}

/** How far an answer may be from the reference; test/fixtures/faces/README.md says why. */
interface Tolerance {
  /** Points of 100. */
  readonly quality: number;
  readonly boxPx: number;
  readonly poseDegrees: number;
}

/** How far an answer is from the reference: the largest difference of each kind over all faces compared. */
export interface Deviation extends Tolerance {
  readonly landmarksPx: number;
  /** Of detection, open eyes and liveness, 0..1. */
  readonly probability: number;
  readonly cropFactor: number;
  /** Points of 100. */
  readonly components: number;
}

const TOLERANCE: Tolerance = { quality: 2, boxPx: 4, poseDegrees: 2 };
/** These three amplify the decoder's rounding. */
const LOOSE: Tolerance = { quality: 5, boxPx: 8, poseDegrees: 5 };
const LOOSE_PICTURES = ['rotated90.jpg', 'blur2.jpg', 'noise.jpg'];
/** The number of spurious further boxes depends on the decoder. */
const FIRST_FACE_ONLY = ['jpeg_q5.jpg', 'replay_simulated.jpg'];

/** All sample pictures with what the reference says of them. */
export function readGoldenPictures(): GoldenPicture[] {
  const { results } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
    results: Record<string, Pick<GoldenPicture, 'width' | 'height' | 'faces'>>;
  };
  return Object.entries(results).map(([name, { width, height, faces }]) => ({
    name,
    bytes: readFileSync(new URL(name, SAMPLES)),
    width,
    height,
    faces,
    tolerance: LOOSE_PICTURES.includes(name) ? LOOSE : TOLERANCE,
  }));
}

/** Compares a full-chain Response with the reference; throws where they differ in kind, not in degree. */
export function deviationFromGolden(golden: GoldenPicture, response: Response): Deviation {
  const { width, height, chain } = response.extra_info ?? {};
  expect({ width, height, chain }).toEqual({ width: golden.width, height: golden.height, chain: 'full' });
  if (golden.faces.length === 0) {
    expect(response.data).toEqual([{ score: 0, quality: 0, reason: 'no_face' }]);
    return largestDeviation([]);
  }
  const isFirstOnly = FIRST_FACE_ONLY.includes(golden.name);
  if (!isFirstOnly) expect(response.data).toHaveLength(golden.faces.length);
  const faces = isFirstOnly ? golden.faces.slice(0, 1) : golden.faces;
  return largestDeviation(faces.map((face, i) => faceDeviation(face, response.data[i])));
}

/** The largest of each kind. */
function largestDeviation(deviations: readonly Deviation[]): Deviation {
  const largest = (of: (deviation: Deviation) => number) => Math.max(0, ...deviations.map(of));
  return {
    quality: largest(({ quality }) => quality),
    boxPx: largest(({ boxPx }) => boxPx),
    poseDegrees: largest(({ poseDegrees }) => poseDegrees),
    landmarksPx: largest(({ landmarksPx }) => landmarksPx),
    probability: largest(({ probability }) => probability),
    cropFactor: largest(({ cropFactor }) => cropFactor),
    components: largest(({ components }) => components),
  };
}

function faceDeviation(golden: GoldenFace, item: Response['data'][number] | undefined): Deviation {
  const names = Object.keys(golden.components);
  expect(Object.keys(item?.components ?? {})).toEqual(names);
  expect(item?.quality).toBe(Math.round((item?.score ?? NaN) * 100));
  const { yaw, pitch, roll } = golden.pose;
  return {
    quality: furthest([golden.quality], [100 * (item?.score ?? NaN)]),
    boxPx: furthest(golden.box, item?.box),
    poseDegrees: furthest([yaw, pitch, roll], item?.pose && [item.pose.yaw, item.pose.pitch, item.pose.roll]),
    landmarksPx: furthest(golden.landmarks5.flat(), item?.landmarks?.flat()),
    probability: furthest(
      [golden.score, ...golden.eyes_open, golden.liveness.live],
      [item?.detection_score ?? NaN, ...(item?.eyes_open ?? []), item?.liveness?.live ?? NaN],
    ),
    cropFactor: furthest([golden.liveness.crop_factor], [item?.liveness?.crop_factor ?? NaN]),
    components: furthest(
      Object.values(golden.components),
      names.map((name) => item?.components?.[name] ?? NaN),
    ),
  };
}

/** The largest difference of two rows of numbers; NaN, which is within no tolerance, when a number is missing. */
function furthest(expected: readonly number[], received: readonly number[] = []): number {
  return Math.max(...expected.map((value, i) => Math.abs(value - (received[i] ?? NaN))));
}
