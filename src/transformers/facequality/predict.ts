import type { Point } from '../../imaging/affine.js';
import type { Picture } from '../../imaging/picture.js';
import type { Logger } from '../../observability/logger.js';
import type { FoundFace, LocatedFace, MeasuredFace } from './face.js';
import { measureFacesJob } from './measures/measure-faces.js';
import type { PixelMeasures } from './measures/pixel-measures.js';
import { type ModelRunner, runOnCrops } from '../image-model.js';
import { FACE_DETECT, toDetections } from './models/face-detect.js';
import { embeddingCrop, FACE_EMBEDDING } from './models/face-embedding.js';
import { eyeCrop, FACE_EYE } from './models/face-eye.js';
import { FACE_LANDMARK, landmarkCrop, landmarksInPicture } from './models/face-landmark.js';
import { FACE_LIVENESS, livenessCrop } from './models/face-liveness.js';
import { FACE_POSE, poseCrop } from './models/face-pose.js';
import { scoreWholePictures } from './models/face-quality.js';
import type { FittedPicture, Prepared } from './preprocess.js';
import { regroup, zip } from '../rows.js';

/** Faces per job: enough that the message costs little, few enough that all worker threads get some. */
const FACES_PER_JOB = 4;

/** What the models say about each picture; the faces of a picture come largest first. */
export type Predicted =
  | { readonly chain: 'simple'; readonly pictures: readonly (PictureSize & { readonly score: number })[] }
  | { readonly chain: 'full'; readonly pictures: readonly (PictureSize & { readonly faces: MeasuredFace[] })[] };

/** What a picture leaves behind when its pixels are no longer needed. */
type PictureSize = Pick<Picture, 'widthPx' | 'heightPx'>;

/** What bounds the full chain, and where it is told that a picture had more faces. */
export interface FaceLimit {
  readonly maxFaces: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Runs the chain that the pictures were prepared for. */
export async function predict(runner: ModelRunner, prepared: Prepared, limit: FaceLimit): Promise<Predicted> {
  if (prepared.chain === 'simple') {
    const scores = await scoreWholePictures(runner, prepared.model, prepared.pictures);
    const rows = zip(prepared.pictures, scores);
    return { chain: 'simple', pictures: rows.map(([picture, score]) => ({ ...sizeOf(picture), score })) };
  }
  const found = await findFaces(runner, prepared.pictures, limit);
  const measured = await measureFaces(runner, found.flat());
  const rows = zip(prepared.pictures, regroup(measured, found));
  return { chain: 'full', pictures: rows.map(([{ picture }, faces]) => ({ ...sizeOf(picture), faces })) };
}

/** Detects the faces of each picture; of more than the limit, the largest are kept. */
async function findFaces(
  runner: ModelRunner,
  pictures: readonly FittedPicture[],
  { maxFaces, logger }: FaceLimit,
): Promise<FoundFace[][]> {
  const crops = pictures.map(({ picture, fit }) => ({ picture, ...fit }));
  const candidates = await runOnCrops(runner, FACE_DETECT, crops);
  return zip(pictures, candidates).map(([{ picture, fit }, boxes]) => {
    const faces = toDetections(picture, fit, boxes).map((detection) => ({ ...detection, picture }));
    if (faces.length > maxFaces) logger.warn({ faces: faces.length, maxFaces }, 'only the largest faces are scored');
    return faces.slice(0, maxFaces);
  });
}

/**
 * Finds out all about faces: side by side what needs their box alone and, as soon as there are landmarks, what needs
 * those. The landmarks come first, since most waits for them; the crops that need them are then made while the larger
 * models run.
 */
async function measureFaces(runner: ModelRunner, faces: readonly FoundFace[]): Promise<MeasuredFace[]> {
  const [located, poses, lives] = await Promise.all([
    runOnCrops(runner, FACE_LANDMARK, faces.map(landmarkCrop)).then((landmarks) =>
      measureLocated(runner, locate(faces, landmarks)),
    ),
    runOnCrops(runner, FACE_POSE, faces.map(poseCrop)),
    runOnCrops(runner, FACE_LIVENESS, faces.map(livenessCrop)),
  ]);
  return zip(located, poses, lives).map(([face, pose, live]) => ({ ...face, pose, live }));
}

function locate(faces: readonly FoundFace[], landmarks: readonly (readonly Point[])[]): LocatedFace[] {
  return zip(faces, landmarks).map(([face, shares]) => ({ ...face, landmarks: landmarksInPicture(face, shares) }));
}

/** Side by side what needs the landmarks of faces. */
async function measureLocated(
  runner: ModelRunner,
  located: readonly LocatedFace[],
): Promise<Omit<MeasuredFace, 'pose' | 'live'>[]> {
  const [strengths, eyes, pixelMeasures] = await Promise.all([
    runOnCrops(runner, FACE_EMBEDDING, located.map(embeddingCrop)),
    findOpenEyes(runner, located),
    measurePixels(runner, located),
  ]);
  return zip(located, eyes, strengths, pixelMeasures).map(([face, eyesOpen, embeddingStrength, pixels]) => ({
    ...face,
    eyesOpen,
    embeddingStrength,
    pixels,
  }));
}

/** Both eyes of all faces go to the model as one list. */
async function findOpenEyes(runner: ModelRunner, faces: readonly LocatedFace[]): Promise<[number, number][]> {
  const left = faces.map((face) => eyeCrop(face, 'left'));
  const right = faces.map((face) => eyeCrop(face, 'right'));
  const open = await runOnCrops(runner, FACE_EYE, [...left, ...right]);
  return zip(open.slice(0, faces.length), open.slice(faces.length));
}

async function measurePixels(runner: ModelRunner, faces: readonly LocatedFace[]): Promise<PixelMeasures[]> {
  const startedAt = performance.now();
  const starts = Array.from({ length: Math.ceil(faces.length / FACES_PER_JOB) }, (_, job) => job * FACES_PER_JOB);
  const measured = await Promise.all(
    starts.map((start) =>
      runner.workers.run(measureFacesJob, { faces: faces.slice(start, start + FACES_PER_JOB) }, runner.call),
    ),
  );
  runner.addTime('face_pixels', performance.now() - startedAt);
  return measured.flat();
}

function sizeOf({ widthPx, heightPx }: Picture): PictureSize {
  return { widthPx, heightPx };
}
