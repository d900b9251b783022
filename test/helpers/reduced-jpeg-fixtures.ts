import { readFileSync } from 'node:fs';
import type { Reduction } from '../../src/imaging/reduced-jpeg.js';

const FOLDER = new URL('../fixtures/reduced-jpeg/', import.meta.url);

/** A picture, and by what it was reduced to the pixels that were expected. */
export interface ReducedJpegCase {
  readonly picture: string;
  readonly reduction: Reduction;
  readonly width: number;
  readonly height: number;
}

/** What scripts/make-reduced-jpeg-fixtures.py wrote. */
export const CASES = JSON.parse(readFileSync(new URL('index.json', FOLDER), 'utf8')) as readonly ReducedJpegCase[];

/** The names of its pictures. */
export const PICTURES = [...new Set(CASES.map(({ picture }) => picture))];

/** The bytes of a picture. */
export function jpegOf(picture: string): Buffer {
  return readFileSync(new URL(`${picture}.jpg`, FOLDER));
}

/** The pixels of libjpeg's scaled decoding. */
export function pixelsOf({ picture, reduction }: ReducedJpegCase): Buffer {
  return readFileSync(new URL(`${picture}.${reduction}.bin`, FOLDER));
}

/** The position of a segment's marker, `0xff` and what is given. */
export function segmentOf(jpeg: Buffer, marker: number): number {
  const at = jpeg.indexOf(Buffer.of(0xff, marker));
  if (at < 0) throw new Error(`no marker ${marker.toString(16)}`);
  return at;
}
