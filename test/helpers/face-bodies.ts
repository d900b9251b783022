import { readFileSync } from 'node:fs';
import type { MultiRequest, MultiResponse } from 'common-data-type';

const SAMPLES = new URL('../../samples/faces/', import.meta.url);

/** The predict path of the face-quality service. */
export const PREDICT = '/v1/models/facequality:predict';

/** The 16 pictures of one batch: JPEG and PNG, with and without faces. */
export const SIXTEEN_PICTURES = [
  'base_q92.jpg',
  'blur1.jpg',
  'blur2.jpg',
  'bright.jpg',
  'cmyk.jpg',
  'cropped_left.jpg',
  'dark.jpg',
  'exif6.jpg',
  'grey.jpg',
  'half_covered.jpg',
  'mask.jpg',
  'no_face_coffee.jpg',
  'no_face_flat.png',
  'rotated30.jpg',
  'side_light.jpg',
  'two_faces.jpg',
];

/** A sample picture's bytes. */
export function sampleFace(name: string): Buffer {
  return readFileSync(new URL(name, SAMPLES));
}

/** A sample picture as a data URL. */
export function dataUrl(name: string): string {
  const type = name.endsWith('.png') ? 'png' : 'jpeg';
  return `data:image/${type};base64,${sampleFace(name).toString('base64')}`;
}

/** A MultiRequest of sample pictures. */
export function multiRequest(names: readonly string[]): MultiRequest {
  return { multi_data: names.map((name) => ({ data: { item: dataUrl(name) } })) };
}

/** Each face's score of each picture in a MultiResponse. */
export function scoresOf(body: unknown): number[][] {
  return (body as MultiResponse).multi_data.map(({ data }) => data.map(({ score }) => score));
}
