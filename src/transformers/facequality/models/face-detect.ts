import { applyAffine } from '../../../imaging/affine.js';
import { area, type Box } from '../../../imaging/boxes.js';
import { type Letterbox, letterbox } from '../../../imaging/letterbox.js';
import { nms, toBoxList } from '../../../imaging/nms.js';
import type { Picture } from '../../../imaging/picture.js';
import type { Detection } from '../face.js';
import { DETECT_CLASSES } from '../labels.js';
import type { ImageModel } from '../../image-model.js';

const WIDTH_PX = 320;
const HEIGHT_PX = 240;
const GREY = 127;
/** How many places of the picture the model looks at. */
const ANCHORS = 4420;
/** Below it lie the network's false alarms; on damaged pictures a few reach 0.84. */
const MIN_SCORE = 0.65;
/** Two boxes that overlap more are the same face. */
const MAX_IOU = 0.4;
/** A box narrower or lower than a pixel holds no face. */
const MIN_SIDE_PX = 1;

/** A box that is probably a face, in pixels of the network's input. */
interface Candidate {
  readonly box: Box;
  readonly score: number;
}

/** Finds faces in a letterboxed picture, each once. */
export const FACE_DETECT: ImageModel<'scores' | 'boxes', readonly Candidate[]> = {
  name: 'face_detect',
  input: 'input',
  spec: {
    widthPx: WIDTH_PX,
    heightPx: HEIGHT_PX,
    channels: 'rgb',
    mean: [127, 127, 127],
    std: [128, 128, 128],
    fill: GREY,
  },
  // The scores are probabilities already, the boxes x1, y1, x2, y2 as shares of the input's width and height.
  outputs: { scores: [ANCHORS, DETECT_CLASSES.length], boxes: [ANCHORS, 4] },
  read: ({ scores, boxes }) => {
    const candidates = likelyAnchors(scores).map(({ anchor, score }) => ({ box: inputBox(boxes, anchor), score }));
    const kept = new Set(nms(toBoxList(candidates), { iouThreshold: MAX_IOU }));
    return candidates.filter((_, i) => kept.has(i));
  },
};

/** How a picture is put into the detector's input: whole, its sides' ratio kept, grey bars right or below. */
export function detectorLetterbox(picture: Picture): Letterbox {
  return letterbox(picture, FACE_DETECT.spec);
}

/** The faces of one picture in its own pixels, largest first. */
export function toDetections(picture: Picture, fit: Letterbox, candidates: readonly Candidate[]): readonly Detection[] {
  const faces = candidates
    .map(({ box, score }) => ({ box: pictureBox(fit, box), score: Math.min(1, score) }))
    .filter(({ box }) => isInside(picture, box))
    .sort((a, b) => area(b.box) - area(a.box));
  const [largest = 0, second = 0] = faces.map(({ box }) => area(box));
  return faces.map((face, i) => ({ ...face, rivalArea: i === 0 ? second : largest }));
}

function likelyAnchors(scores: Float32Array) {
  const likely: { anchor: number; score: number }[] = [];
  const faceClass = DETECT_CLASSES.indexOf('face');
  for (let anchor = 0; anchor < ANCHORS; anchor++) {
    const score = scores[anchor * DETECT_CLASSES.length + faceClass] ?? 0;
    if (score > MIN_SCORE) likely.push({ anchor, score });
  }
  return likely;
}

function inputBox(boxes: Float32Array, anchor: number): Box {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * anchor, 4 * anchor + 4);
  return [x1 * WIDTH_PX, y1 * HEIGHT_PX, x2 * WIDTH_PX, y2 * HEIGHT_PX];
}

function pictureBox({ map }: Letterbox, [x1, y1, x2, y2]: Box): Box {
  const [[left, top] = [0, 0], [right, bottom] = [0, 0]] = applyAffine(map, [
    [x1, y1],
    [x2, y2],
  ]);
  return [left, top, right, bottom];
}

/** Whether a box is wide and high enough, and at least partly inside its picture. */
function isInside({ widthPx, heightPx }: Picture, [x1, y1, x2, y2]: Box): boolean {
  const isLarge = x2 - x1 >= MIN_SIDE_PX && y2 - y1 >= MIN_SIDE_PX;
  return isLarge && x1 < widthPx && y1 < heightPx && x2 > 0 && y2 > 0;
}
