import { readdirSync, readFileSync } from 'node:fs';
import type { PlateAnswer } from '../../src/transformers/license-plate/postprocess.js';

const SAMPLES = new URL('../../samples/license_plate/', import.meta.url);
const GOLDEN = new URL('../fixtures/license_plate/golden.json', import.meta.url);

/** How far confidences may be from the expected ones. */
const SHARE_TOLERANCE = 1e-3;
/** Boxes and sizes are told with one decimal; the last one may be rounded the other way. */
const PIXEL_TOLERANCE = 0.11;

/** A sample picture, what was drawn into it, and what Pillow, numpy and onnxruntime make of it. */
export interface GoldenPicture {
  /** Its file's name in samples/license_plate. */
  readonly name: string;
  readonly bytes: Buffer;
  /** What stands on its plates. */
  readonly drawn: readonly string[];
  readonly plates: readonly PlateAnswer[];
}

/** What training/license_plate/golden.py wrote. */
export function goldenPlates(): {
  readonly modelSha256: Readonly<Record<string, string>>;
  readonly pictures: readonly GoldenPicture[];
} {
  const { model_sha256: modelSha256, pictures } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
    model_sha256: Record<string, string>;
    pictures: Record<string, Pick<GoldenPicture, 'drawn' | 'plates'>>;
  };
  return {
    modelSha256,
    pictures: Object.entries(pictures).map(([name, picture]) => ({ name, bytes: samplePlates(name), ...picture })),
  };
}

/** A file of samples/license_plate. */
export function samplePlates(name: string): Buffer {
  return readFileSync(new URL(name, SAMPLES));
}

/** The names of all files of samples/license_plate that are pictures, or say so. */
export function samplePlateNames(): string[] {
  return readdirSync(SAMPLES).filter((name) => name.endsWith('.jpg'));
}

/** Expects a picture's answer to be the expected one, numbers within their tolerances. */
export function expectPlates(answer: unknown, expected: readonly PlateAnswer[]): void {
  expect(answer).toEqual(
    expected.map(({ box, size, confidence, characters, ...texts }) => ({
      ...texts,
      box: box.map(nearPixel),
      size: size.map(nearPixel),
      confidence: near(confidence, SHARE_TOLERANCE),
      characters: characters.map((character) => ({
        char: character.char,
        confidence: near(character.confidence, SHARE_TOLERANCE),
      })),
    })),
  );
}

function nearPixel(value: number): unknown {
  return near(value, PIXEL_TOLERANCE);
}

/** Matches numbers that differ by less than the tolerance. */
function near(value: number, tolerance: number): unknown {
  return {
    asymmetricMatch: (other: unknown) => typeof other === 'number' && Math.abs(other - value) < tolerance,
    toString: () => 'near',
    getExpectedType: () => 'number',
    toAsymmetricMatcher: () => `${value} ± ${tolerance}`,
    $$typeof: Symbol.for('jest.asymmetricMatcher'),
  };
}
