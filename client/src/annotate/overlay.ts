import type { Response, ResponseItem } from 'common-data-type';
import type { PictureResult } from '../score-many.js';
import { textPath, textWidth } from './stroke-font.js';

/** Colours by quality: at least `from` of 100. The limits are chosen by eye: a good frontal portrait scores 70 to 90. */
const QUALITY_COLOURS = [
  { from: 65, colour: '#22c55e' },
  { from: 40, colour: '#f59e0b' },
  { from: 0, colour: '#ef4444' },
] as const;
const LANDMARK_COLOUR = '#22d3ee';
const BANNER_COLOUR = '#374151';

/** Sizes as shares of the picture's longer side. */
const LINE_SHARE = 1 / 250;
const TEXT_SHARE = 1 / 26;
/** A landmark's radius is at most this share of the width of the face's box, so that small faces stay visible. */
const LANDMARK_SHARE = 1 / 25;

/** The picture that is drawn on, and how many of its pixels make one pixel of the original. */
export interface Canvas {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scale: number;
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The colour of a quality.
 * @param quality 0..100
 */
export function qualityColour(quality: number): string {
  return QUALITY_COLOURS.find(({ from }) => quality >= from)?.colour ?? QUALITY_COLOURS[2].colour;
}

/**
 * An SVG of the canvas's size with, for each face, its box, five landmarks and its quality in the colour of the
 * quality; a banner along the lower edge says so where there is no face, no box or an error.
 */
export function drawOverlay(result: Pick<PictureResult, 'response' | 'error'>, canvas: Canvas): string {
  const { widthPx, heightPx } = canvas;
  const faces = result.response?.data ?? [];
  const marks = faces.map((face) => drawBox(face, canvas) + drawLandmarks(face, canvas));
  // Labels come last, so that no other face's box crosses them.
  const labels = drawLabels(faces, canvas);
  const banner = drawBanner(result, canvas);
  const size = `width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${[...marks, labels, banner].join('')}</svg>`;
}

function drawBox(face: ResponseItem, canvas: Canvas): string {
  if (face.box === undefined) return '';
  const [x1, y1, x2, y2] = face.box;
  const { scale } = canvas;
  // SVG refuses negative sizes, which only a confused service would cause.
  const [width, height] = [Math.max(0, x2 - x1), Math.max(0, y2 - y1)];
  const box = { x: x1 * scale, y: y1 * scale, width: width * scale, height: height * scale };
  const line = lineWidth(canvas);
  const shape = `<rect ${attributes(box)} fill="none"`;
  const halo = `${shape} stroke="#000" stroke-opacity="0.5" stroke-width="${line * 2}"/>`;
  return `${halo}${shape} stroke="${qualityColour(qualityOf(face))}" stroke-width="${line}"/>`;
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

/** Each face's quality above its box, below it or in it: the first of these inside the picture and free of others. */
function drawLabels(faces: readonly ResponseItem[], canvas: Canvas): string {
  const plates: Rectangle[] = [];
  return faces
    .map((face) => {
      if (face.box === undefined) return '';
      const text = String(qualityOf(face));
      const spots = labelSpots(face.box, plateFor(text, canvas), canvas);
      const isFree = (spot: Rectangle) => isInside(spot, canvas) && !plates.some((plate) => overlaps(plate, spot));
      const spot = spots.find(isFree) ?? spots.find((any) => isInside(any, canvas)) ?? spots[2];
      plates.push(spot);
      return drawPlate(text, spot, qualityColour(qualityOf(face)));
    })
    .join('');
}

function labelSpots(
  [left, top, , bottom]: readonly [number, number, number, number],
  plate: { width: number; height: number },
  { scale, widthPx }: Canvas,
): [Rectangle, Rectangle, Rectangle] {
  const x = Math.max(0, Math.min(left * scale, widthPx - plate.width));
  return [
    { ...plate, x, y: top * scale - plate.height },
    { ...plate, x, y: bottom * scale },
    { ...plate, x, y: Math.max(0, top * scale) },
  ];
}

function isInside({ y, height }: Rectangle, { heightPx }: Canvas): boolean {
  return y >= 0 && y + height <= heightPx;
}

function overlaps(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function drawBanner({ response, error }: Pick<PictureResult, 'response' | 'error'>, canvas: Canvas): string {
  const text = error === undefined ? bannerOf(response) : `ERROR: ${error.code ?? error.status ?? 'NO ANSWER'}`;
  if (text === undefined) return '';
  const words = text.replaceAll('_', ' ');
  const plate = plateFor(words, canvas);
  const colour = error === undefined ? BANNER_COLOUR : qualityColour(0);
  return drawPlate(words, { ...plate, x: 0, y: canvas.heightPx - plate.height, width: canvas.widthPx }, colour);
}

function bannerOf(response: Response | undefined): string | undefined {
  const unboxed = response?.data.find((face) => face.box === undefined);
  return unboxed === undefined ? undefined : (unboxed.reason ?? `SCORE ${unboxed.score.toFixed(2)}`);
}

/** The size of the plate that holds `text`; smaller letters where the picture is too narrow. */
function plateFor(text: string, canvas: Canvas): { width: number; height: number } {
  const wished = Math.max(canvas.widthPx, canvas.heightPx) * TEXT_SHARE;
  const fullWidth = textWidth(text, wished) + wished;
  const textHeight = wished * Math.min(1, canvas.widthPx / fullWidth, canvas.heightPx / (2 * wished));
  return { width: textWidth(text, textHeight) + textHeight, height: textHeight * 2 };
}

function drawPlate(text: string, plate: Rectangle, colour: string): string {
  const heightPx = plate.height / 2;
  const path = textPath(text, { x: plate.x + heightPx / 2, y: plate.y + heightPx / 2, heightPx });
  const strokes = `fill="none" stroke-linecap="round" stroke-linejoin="round"`;
  const background = `<rect ${attributes(plate)} fill="${colour}"/>`;
  const halo = `<path d="${path}" ${strokes} stroke="#000" stroke-opacity="0.35" stroke-width="${heightPx / 3}"/>`;
  return `${background}${halo}<path d="${path}" ${strokes} stroke="#fff" stroke-width="${heightPx / 6}"/>`;
}

function qualityOf(face: ResponseItem): number {
  return face.quality ?? Math.round(face.score * 100);
}

function lineWidth({ widthPx, heightPx }: Canvas): number {
  return Math.max(2, Math.max(widthPx, heightPx) * LINE_SHARE);
}

function attributes({ x, y, width, height }: Rectangle): string {
  return Object.entries({ x, y, width, height })
    .map(([name, value]) => `${name}="${value.toFixed(1)}"`)
    .join(' ');
}
