import { readFileSync } from 'node:fs';
import type { Layout } from '../../src/transformers/helmet-detection/layout.js';

const FOLDER = new URL('../fixtures/helmet-detection/', import.meta.url);

/** A tensor and what is to be found in it, as scripts/make-yolo-fixtures.py wrote it down. */
export interface YoloCase {
  readonly seed: number;
  readonly layout: Layout;
  readonly places: number;
  readonly classes: number;
  readonly middles: number;
  readonly spread: number;
  readonly steps: number;
  readonly likely: number;
  readonly odd: number;
  readonly objectness: number;
  readonly confidence: number;
  readonly iou: number;
  readonly multi_label: boolean;
  readonly agnostic: boolean;
  readonly wanted: readonly number[] | null;
  readonly max_candidates: number;
  readonly max_detections: number;
  /** How many detections there are, and how many places were left out as not finite. */
  readonly found: number;
  readonly broken: number;
}

/** A case and its detections: x1, y1, x2, y2, confidence, class of each, best first. */
export function yoloCases(): { readonly it: YoloCase; readonly expected: Float64Array }[] {
  const cases = JSON.parse(readFileSync(new URL('agreement.json', FOLDER), 'utf8')) as YoloCase[];
  const bytes = readFileSync(new URL('agreement.bin', FOLDER));
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let from = 0;
  return cases.map((it) => ({ it, expected: values.subarray(6 * from, 6 * (from += it.found)) }));
}

const ODD_VALUES = [NaN, Infinity, -Infinity];

/** The tensor of a case, made as the script makes it. */
export function yoloTensor(it: YoloCase): Float32Array {
  const { places, classes, seed, middles, spread, steps, likely, layout } = it;
  const width = 5 + classes;
  const rows = new Float32Array(places * width);
  for (let place = 0; place < places; place++) {
    const at = place * width;
    const h = (field: number) => hash(seed, at + field);
    for (const field of [0, 1]) {
      const middle = h(field) % middles;
      rows[at + field] = (((middle * 61_803) % 640_000) + ((h(field) >>> 8) % spread)) / 1000;
    }
    for (const field of [2, 3])
      rows[at + field] = (8_000 + (h(field) % 5) * 12_250 + ((h(field) >>> 8) % spread)) / 1000;
    for (let field = 4; field < width; field++) rows[at + field] = (h(field) % (steps + 1)) / steps;
    if ((h(4) >>> 16) % 100 >= likely) rows[at + 4] = 0;
  }
  for (let index = 0; index < it.odd; index++) {
    rows[((index * 7) % places) * width + ((index * 3) % width)] = ODD_VALUES[index % 3] ?? NaN;
  }
  return layout === 'yolov5' ? rows : withoutObjectness(rows, places, width);
}

/** `[places, 5 + classes]` to `[4 + classes, places]`. */
function withoutObjectness(rows: Float32Array, places: number, width: number): Float32Array {
  const fields = [0, 1, 2, 3, ...Array.from({ length: width - 5 }, (_, label) => 5 + label)];
  return Float32Array.from(
    fields.flatMap((field) => Array.from({ length: places }, (_, p) => rows[p * width + field] ?? 0)),
  );
}

/** Murmur3's finaliser of the seed and a counter: a whole number of 32 bits. */
function hash(seed: number, counter: number): number {
  let h = (Math.imul(counter, 0x9e3779b9) + Math.imul(seed, 0x85ebca6b)) >>> 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}
