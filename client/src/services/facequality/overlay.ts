import type { Response, ResponseItem } from 'common-data-type';
import { drawBox, drawLabels, type LabelledBox } from '../../drawing/boxes.js';
import { type Canvas, lineWidth, toRectangle } from '../../drawing/canvas.js';
import { drawBanner } from '../../drawing/plates.js';
import type { Answered } from '../service.js';

/** Colours by quality: at least `from` of 100. The limits are chosen by eye: a good frontal portrait scores 70 to 90. */
const QUALITY_COLOURS = [
  { from: 65, colour: '#22c55e' },
  { from: 40, colour: '#f59e0b' },
  { from: 0, colour: '#ef4444' },
] as const;
const LANDMARK_COLOUR = '#22d3ee';

/** A landmark's radius is at most this share of the width of the face's box, so that small faces stay visible. */
const LANDMARK_SHARE = 1 / 25;

/**
 * The colour of a quality.
 * @param quality 0..100
 */
export function qualityColour(quality: number): string {
  return QUALITY_COLOURS.find(({ from }) => quality >= from)?.colour ?? QUALITY_COLOURS[2].colour;
}

/**
 * For each face its box, five landmarks and its quality in the colour of the quality; a banner along the lower edge says
 * so where there is no face or no box.
 */
export function draw({ prediction }: Pick<Answered<Response>, 'prediction'>, canvas: Canvas): string {
  const faces = prediction.data;
  const boxes = faces.map((face) => labelledBox(face, canvas));
  const marks = faces.map((face, index) => {
    const box = boxes[index];
    return (box === undefined ? '' : drawBox(box, canvas)) + drawLandmarks(face, canvas);
  });
  // Labels come last, so that no other face's box crosses them.
  const labels = drawLabels(
    boxes.filter((box) => box !== undefined),
    canvas,
  );
  const banner = bannerOf(prediction);
  return [...marks, labels, banner === undefined ? '' : drawBanner(banner, canvas)].join('');
}

function labelledBox(face: ResponseItem, { scale }: Canvas): LabelledBox | undefined {
  if (face.box === undefined) return undefined;
  const quality = face.quality ?? Math.round(face.score * 100);
  const box = toRectangle(face.box, { x: scale, y: scale });
  return { box, label: String(quality), colour: qualityColour(quality) };
}

function drawLandmarks(face: ResponseItem, canvas: Canvas): string {
  const [left = 0, , right = Infinity] = face.box ?? [];
  const radius = Math.max(1, Math.min(lineWidth(canvas) * 1.5, (right - left) * canvas.scale * LANDMARK_SHARE));
  const points = (face.landmarks ?? []).map(([x, y]) => {
    const centre = `cx="${(x * canvas.scale).toFixed(1)}" cy="${(y * canvas.scale).toFixed(1)}"`;
    return `<circle ${centre} r="${radius.toFixed(1)}"/>`;
  });
  return `<g fill="${LANDMARK_COLOUR}" stroke="#000" stroke-opacity="0.6" stroke-width="${radius / 3}">${points.join('')}</g>`;
}

function bannerOf({ data }: Response): string | undefined {
  const unboxed = data.find((face) => face.box === undefined);
  return unboxed === undefined ? undefined : (unboxed.reason ?? `SCORE ${unboxed.score.toFixed(2)}`);
}
