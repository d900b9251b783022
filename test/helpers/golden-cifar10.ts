import { readFileSync } from 'node:fs';

const SAMPLES = new URL('../../samples/', import.meta.url);
const GOLDEN = new URL('../fixtures/cifar10/golden.json', import.meta.url);

/** A sample picture and its logits by Pillow, numpy and onnxruntime. */
export interface GoldenPicture {
  /** Its file's path in samples: `cifar10/frog.png`, `faces/base.png`. */
  readonly name: string;
  readonly bytes: Buffer;
  readonly expected: readonly number[];
}

/**
 * How far a logit may be from the expected one: the order of float32 sums, which differs from one CPU to the other. A
 * pixel that is one off moves logits by more.
 */
export const LOGIT_TOLERANCE = 1e-4;

/** What scripts/make-cifar10-fixtures.py wrote. */
export function goldenLogits(): { readonly modelSha256: string; readonly pictures: readonly GoldenPicture[] } {
  const { model_sha256: modelSha256, logits } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
    model_sha256: string;
    logits: Record<string, number[]>;
  };
  const pictures = Object.entries(logits).map(([name, expected]) => ({
    name,
    bytes: readFileSync(new URL(name, SAMPLES)),
    expected,
  }));
  return { modelSha256, pictures };
}
