import { readFileSync } from 'node:fs';
import sharp from 'sharp';

const SAMPLES = new URL('../../samples/mnist/', import.meta.url);
const FIXTURES = new URL('../fixtures/mnist/', import.meta.url);

/** Digits of a row of held-out.png. */
const PER_DIGIT = 10;
const SIDE = 28;

/** A sample and what Pillow, numpy and onnxruntime make of it. */
export interface GoldenDigit {
  /** Its file's name in samples/mnist. */
  readonly name: string;
  readonly bytes: Buffer;
  readonly digit: number;
  readonly logits: readonly number[];
}

/** What training/mnist/make_samples.py wrote. */
export function goldenDigits(): { readonly modelSha256: string; readonly samples: readonly GoldenDigit[] } {
  const { model_sha256: modelSha256, pictures } = JSON.parse(
    readFileSync(new URL('golden.json', FIXTURES), 'utf8'),
  ) as { model_sha256: string; pictures: Record<string, { digit: number; logits: number[] }> };
  const samples = Object.entries(pictures).map(([name, expected]) => ({
    name,
    bytes: readFileSync(new URL(name, SAMPLES)),
    ...expected,
  }));
  return { modelSha256, samples };
}

/** A real digit that the model was not trained on: `[28, 28]`, 0..255, white on black. */
export interface HeldOutDigit {
  readonly label: number;
  readonly grey: Uint8Array;
}

/** A hundred held-out digits, ten of each. */
export async function heldOutDigits(): Promise<readonly HeldOutDigit[]> {
  const sheet = readFileSync(new URL('held-out.png', FIXTURES));
  const { data, info } = await sharp(sheet).greyscale().raw().toBuffer({ resolveWithObject: true });
  return Array.from({ length: 10 * PER_DIGIT }, (_, index) => {
    const label = Math.floor(index / PER_DIGIT);
    const grey = new Uint8Array(SIDE * SIDE);
    for (let row = 0; row < SIDE; row++) {
      const from = (label * SIDE + row) * info.width + (index % PER_DIGIT) * SIDE;
      grey.set(data.subarray(from, from + SIDE), row * SIDE);
    }
    return { label, grey };
  });
}
