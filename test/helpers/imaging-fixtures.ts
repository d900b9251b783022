import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Affine, Point } from '../../src/imaging/affine.js';
import type { Homography, Quad } from '../../src/imaging/homography.js';
import type { Picture } from '../../src/imaging/picture.js';

const FOLDER = new URL('../fixtures/imaging/', import.meta.url);

interface Index {
  resize: { picture: string; width: number; height: number; expected: string }[];
  antialiased: { picture: string; width: number; height: number; expected: string }[];
  antialiasedPatterns: {
    sourceWidth: number;
    sourceHeight: number;
    width: number;
    height: number;
    expected: string;
  }[];
  warp: { name: string; picture: string; map: Affine; width: number; height: number; expected: string }[];
  letterbox: { width: number; height: number; region: [number, number] }[];
  similarity: { src: Point[]; dst: Point[]; map: Affine; inverse: Affine }[];
}

/** The cases that scripts/make-imaging-fixtures.py wrote. */
export const imagingFixtures = JSON.parse(readFileSync(new URL('index.json', FOLDER), 'utf8')) as Index;

/** The cases that scripts/make-perspective-fixtures.py wrote; `expected` is [H, W, 3], 0..255. */
export const perspectiveFixtures = JSON.parse(readFileSync(new URL('perspective.json', FOLDER), 'utf8')) as readonly {
  readonly name: string;
  readonly picture: string;
  readonly quad: Quad;
  readonly width: number;
  readonly height: number;
  readonly map: Homography;
  readonly expected: readonly number[];
}[];

/** A fixture's expected pixels, [H, W, 3] uint8. */
export function expectedBytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(file, FOLDER)));
}

/** A fixture's expected pixels, [H, W, 3] float32. */
export function expectedFloats(file: string): Float32Array {
  return new Float32Array(expectedBytes(file).buffer);
}

/** A fixture's picture, decoded by sharp alone. */
export async function fixturePicture(name: string): Promise<Picture> {
  const { data, info } = await sharp(readFileSync(new URL(`${name}.png`, FOLDER)))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { widthPx: info.width, heightPx: info.height, data: new Uint8Array(data) };
}

/** The pattern of any size that scripts/make-imaging-fixtures.py draws by the same formula. */
export function patternPicture(widthPx: number, heightPx: number): Picture {
  const isLine = Math.min(widthPx, heightPx) === 1;
  const data = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0, at = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      for (let channel = 0; channel < 3; channel++, at++) {
        const mixed = x * x * 3 + y * y * 7 + x * y * 5 + channel * 977;
        data[at] = isLine ? 255 - ((x + y) % 1000 === 999 ? channel + 1 : 0) : ((mixed - (mixed % 16)) / 16) % 256;
      }
    }
  }
  return { widthPx, heightPx, data };
}

/** [H, W, 3] to [3, H, W]. */
export function toPlanes(pixels: Uint8Array): Uint8Array {
  const plane = pixels.length / 3;
  return pixels.map((_, i) => pixels[(i % plane) * 3 + Math.floor(i / plane)] ?? 0);
}

/** The largest absolute difference of two arrays of the same length. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual).toHaveLength(expected.length);
  let largest = 0;
  // Written so that NaN counts as a difference.
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}
