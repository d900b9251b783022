import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Affine, Point } from '../../src/imaging/affine.js';
import type { Picture } from '../../src/imaging/picture.js';

const FOLDER = new URL('../fixtures/imaging/', import.meta.url);

interface Index {
  resize: { picture: string; width: number; height: number; expected: string }[];
  warp: { name: string; picture: string; map: Affine; width: number; height: number; expected: string }[];
  letterbox: { width: number; height: number; region: [number, number] }[];
  similarity: { src: Point[]; dst: Point[]; map: Affine; inverse: Affine }[];
}

/** The cases that scripts/make-imaging-fixtures.py wrote. */
export const imagingFixtures = JSON.parse(readFileSync(new URL('index.json', FOLDER), 'utf8')) as Index;

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
