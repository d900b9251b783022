import { attributes, type Canvas, lineWidth, type Rectangle } from './canvas.js';
import { drawPlate, plateFor, SMALL_TEXT_SHARE } from './plates.js';

/** Something found in a picture. */
export interface LabelledBox {
  readonly box: Rectangle;
  readonly label: string;
  readonly colour: string;
}

/** A box in its colour over a dark halo, so that it is seen on any ground. */
export function drawBox({ box, colour }: Pick<LabelledBox, 'box' | 'colour'>, canvas: Canvas): string {
  const line = lineWidth(canvas);
  const shape = `<rect ${attributes(box)} fill="none"`;
  const halo = `${shape} stroke="#000" stroke-opacity="0.5" stroke-width="${line * 2}"/>`;
  return `${halo}${shape} stroke="${colour}" stroke-width="${line}"/>`;
}

/**
 * Each label above its box, below it or in it: the first of these inside the picture and free of other labels.
 * @param textShare the height of letters as a share of the picture's longer side
 */
export function drawLabels(boxes: readonly LabelledBox[], canvas: Canvas, textShare?: number): string {
  const plates: Rectangle[] = [];
  return boxes
    .map(({ box, label, colour }) => {
      const spots = labelSpots(box, plateFor(label, canvas, textShare), canvas);
      const isFree = (spot: Rectangle) => isInside(spot, canvas) && !plates.some((plate) => overlaps(plate, spot));
      const spot = spots.find(isFree) ?? spots.find((any) => isInside(any, canvas)) ?? spots[2];
      plates.push(spot);
      return drawPlate(label, spot, colour);
    })
    .join('');
}

/** Boxes with small labels, which come last, so that no other box crosses them. */
export function drawLabelledBoxes(boxes: readonly LabelledBox[], canvas: Canvas): string {
  return boxes.map((box) => drawBox(box, canvas)).join('') + drawLabels(boxes, canvas, SMALL_TEXT_SHARE);
}

function labelSpots(
  { x: left, y: top, height: boxHeight }: Rectangle,
  plate: { width: number; height: number },
  { widthPx }: Canvas,
): [Rectangle, Rectangle, Rectangle] {
  const x = Math.max(0, Math.min(left, widthPx - plate.width));
  return [
    { ...plate, x, y: top - plate.height },
    { ...plate, x, y: top + boxHeight },
    { ...plate, x, y: Math.max(0, top) },
  ];
}

function isInside({ y, height }: Rectangle, { heightPx }: Canvas): boolean {
  return y >= 0 && y + height <= heightPx;
}

function overlaps(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
