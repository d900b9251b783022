import { readFileSync } from 'node:fs';

const SAMPLES = new URL('../../samples/helmet_detection/', import.meta.url);
const GOLDEN = new URL('../fixtures/helmet-detection/golden.json', import.meta.url);

/** A thing that was found, as V1 answers it. */
export interface FoundThing {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly confidence: number;
  readonly class: string;
}

/** A sample and what is found in it by Pillow, onnxruntime and numpy. */
export interface GoldenScene {
  readonly name: string;
  readonly bytes: Buffer;
  readonly stretch: readonly FoundThing[];
  readonly letterbox: readonly FoundThing[];
}

/** How far numbers may be apart: sums of float32 come in another order on another CPU. A pixel is more, of any sample. */
const TOLERANCE = 1e-3;

/** What scripts/make-helmet-detection-fixtures.py wrote. */
export function goldenScenes(): { readonly modelSha256: string; readonly scenes: readonly GoldenScene[] } {
  const { model_sha256: modelSha256, pictures } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
    model_sha256: string;
    pictures: Record<string, Pick<GoldenScene, 'stretch' | 'letterbox'>>;
  };
  const scenes = Object.entries(pictures).map(([name, found]) => {
    return { name, bytes: readFileSync(new URL(name, SAMPLES)), ...found };
  });
  return { modelSha256, scenes };
}

/** Expects the same things in the same order. */
export function expectSameThings(found: readonly FoundThing[], expected: readonly FoundThing[]): void {
  expect(found.map((thing) => thing.class)).toEqual(expected.map((thing) => thing.class));
  for (const [index, thing] of found.entries()) {
    for (const field of ['x1', 'y1', 'x2', 'y2', 'confidence'] as const) {
      expect(Math.abs(thing[field] - (expected[index]?.[field] ?? NaN))).toBeLessThanOrEqual(TOLERANCE);
    }
  }
}
