import { applyAffine } from '../../../imaging/affine.js';
import type { Box } from '../../../imaging/boxes.js';
import { isConvex, type Quad } from '../../../imaging/homography.js';
import type { Letterbox } from '../../../imaging/letterbox.js';
import { nms, toBoxList } from '../../../imaging/nms.js';
import type { Picture } from '../../../imaging/picture.js';
import type { ModelInfo } from '../../../predictor/predictor.js';
import type { ImageModel } from '../../image-model.js';
import type { LicensePlateOptions } from '../options.js';
import type { FoundPlate } from '../plate.js';
import { outputShape, pictureInput, unfit } from './described-model.js';

/** The grey of the bars beside a letterboxed picture, as of YOLO's descendants, and in this detector's training. */
const FILL = 114;
const WHITE = 255;
/** Of more candidates those with the highest scores are compared with each other, so that the time for that is bounded. */
const MAX_CANDIDATES = 1000;
/** A box narrower or lower than a pixel holds no plate. */
const MIN_SIDE_PX = 1;

/** A plate in pixels of the detector's input. */
export interface Candidate {
  readonly box: Box;
  readonly corners?: Quad;
  readonly score: number;
}

/** Finds plates in a letterboxed picture, each once, by falling score. */
export type PlateDetector = ImageModel<string, readonly Candidate[]>;

/**
 * The detector as the predictor describes it. It takes RGB / 255 of a picture in the upper left corner of its input, the
 * rest grey, and answers for N places of it: `scores` [B, N], 0..1; `boxes` [B, N, 4], x1, y1, x2, y2; and, where it has
 * them, `corners` [B, N, 8], x and y of the upper left, upper right, lower right and lower left corner as the plate is
 * read. Pixels of the input.
 * @throws ServiceError `upstream_error` when the model is not such a one
 */
export function plateDetector(
  info: ModelInfo,
  options: Pick<LicensePlateOptions, 'plate_min_score' | 'plate_max_iou'>,
): PlateDetector {
  const { name: input, ...size } = pictureInput(info);
  const places = outputShape(info, 'scores');
  if (places?.length !== 1) throw unfit(info.name, 'output scores [B,N]', shapeText(places));
  const shapes: Record<string, readonly number[]> = { scores: places, boxes: [...places, 4] };
  if (outputShape(info, 'corners') !== undefined) shapes['corners'] = [...places, 8];
  const planes = size.channels === 'rgb' ? 3 : 1;
  return {
    name: info.name,
    input,
    spec: { ...size, mean: fill(planes, 0), std: fill(planes, WHITE), fill: FILL },
    outputs: shapes,
    read: (outputs) => {
      const { scores = NONE, boxes = NONE, corners } = outputs;
      const likely = likelyPlaces(scores, options.plate_min_score);
      const candidates = likely.map((place) => candidateAt(place, { scores, boxes, corners }));
      const kept = nms(toBoxList(candidates), { iouThreshold: options.plate_max_iou, maxCandidates: MAX_CANDIDATES });
      return [...kept].flatMap((index) => candidates[index] ?? []);
    },
  };
}

/** The plates of one picture in its own pixels, in the candidates' order. */
export function toFoundPlates(picture: Picture, fit: Letterbox, candidates: readonly Candidate[]): FoundPlate[] {
  return candidates
    .map(({ box: [x1, y1, x2, y2], corners, score }): FoundPlate => {
      const [[left, top] = [0, 0], [right, bottom] = [0, 0], ...rest] = applyAffine(fit.map, [
        [x1, y1],
        [x2, y2],
        ...(corners ?? []),
      ]);
      const [a, b, c, d] = rest;
      const hasCorners = a !== undefined && b !== undefined && c !== undefined && d !== undefined;
      return { box: [left, top, right, bottom], score, ...(hasCorners && { corners: [a, b, c, d] }) };
    })
    .filter(({ box }) => isInside(picture, box));
}

const NONE = new Float32Array(0);

/** The places whose score is high enough. */
function likelyPlaces(scores: Float32Array, minScore: number): number[] {
  const likely: number[] = [];
  for (let place = 0; place < scores.length; place++) if ((scores[place] ?? 0) >= minScore) likely.push(place);
  return likely;
}

/** Corners that enclose nothing, as untrained places give them, are left out. */
function candidateAt(
  place: number,
  outputs: { readonly scores: Float32Array; readonly boxes: Float32Array; readonly corners: Float32Array | undefined },
): Candidate {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = outputs.boxes.subarray(4 * place, 4 * place + 4);
  const candidate = { box: [x1, y1, x2, y2] as const, score: outputs.scores[place] ?? 0 };
  if (outputs.corners === undefined) return candidate;
  const [ax = 0, ay = 0, bx = 0, by = 0, cx = 0, cy = 0, dx = 0, dy = 0] = outputs.corners.subarray(
    8 * place,
    8 * place + 8,
  );
  const corners: Quad = [
    [ax, ay],
    [bx, by],
    [cx, cy],
    [dx, dy],
  ];
  return isConvex(corners) ? { ...candidate, corners } : candidate;
}

/** Whether a box is wide and high enough, and at least partly inside its picture. */
function isInside({ widthPx, heightPx }: Picture, [x1, y1, x2, y2]: Box): boolean {
  const isLarge = x2 - x1 >= MIN_SIDE_PX && y2 - y1 >= MIN_SIDE_PX;
  return isLarge && x1 < widthPx && y1 < heightPx && x2 > 0 && y2 > 0;
}

function fill(length: number, value: number): number[] {
  return Array.from({ length }, () => value);
}

function shapeText(shape: readonly number[] | undefined): string {
  return shape === undefined ? 'none' : `[B,${shape.join(',')}]`;
}
