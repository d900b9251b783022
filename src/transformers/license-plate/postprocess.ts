import type { Box } from '../../imaging/boxes.js';
import type { Quad } from '../../imaging/homography.js';
import { decimals } from '../decimals.js';
import type { PlateShape } from './labels.js';
import type { PlateCharacter, ReadPlate } from './plate.js';
import type { PlatesOfPicture } from './predict.js';

/** A plate as clients get it. */
export interface PlateAnswer {
  readonly shape: PlateShape;
  /** Left, upper, right and lower edge in pixels of the upright picture, within it. */
  readonly box: readonly [number, number, number, number];
  /** Width and height in pixels, along the plate's own edges where its corners are known. */
  readonly size: readonly [number, number];
  readonly region: string;
  readonly symbol: string;
  readonly serial: string;
  readonly text: string;
  readonly confidence: number;
  readonly characters: readonly PlateCharacter[];
}

/** Turns what the models say into answers, picture by picture. */
export function postprocess(predicted: readonly PlatesOfPicture[]): PlateAnswer[][] {
  return predicted.map((picture) => picture.plates.map((plate) => toAnswer(picture, plate)));
}

function toAnswer(picture: PlatesOfPicture, { box, corners, reading }: ReadPlate): PlateAnswer {
  const { shape, region, symbol, serial, text, confidence, characters } = reading;
  const [x1, y1, x2, y2] = box;
  const inside = (value: number, size: number) => decimals(Math.min(Math.max(value, 0), size), 1);
  const [width, height] = corners === undefined ? sizeOfBox(box) : sizeOfQuad(corners);
  return {
    shape,
    box: [
      inside(x1, picture.widthPx),
      inside(y1, picture.heightPx),
      inside(x2, picture.widthPx),
      inside(y2, picture.heightPx),
    ],
    size: [decimals(width, 1), decimals(height, 1)],
    region,
    symbol,
    serial,
    text,
    confidence: decimals(confidence, 4),
    characters: characters.map((character) => ({ ...character, confidence: decimals(character.confidence, 4) })),
  };
}

function sizeOfBox([x1, y1, x2, y2]: Box): [number, number] {
  return [x2 - x1, y2 - y1];
}

/** The mean length of the upper and lower edge, and of the left and right one. */
function sizeOfQuad([[ax, ay], [bx, by], [cx, cy], [dx, dy]]: Quad): [number, number] {
  return [
    (Math.hypot(bx - ax, by - ay) + Math.hypot(cx - dx, cy - dy)) / 2,
    (Math.hypot(dx - ax, dy - ay) + Math.hypot(cx - bx, cy - by)) / 2,
  ];
}
