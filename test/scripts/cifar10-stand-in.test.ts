import onnxProto from 'onnx-proto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readFileSync } from 'node:fs';
import { makeModel } from '../../scripts/models/make.mjs';
import { CIFAR10_CLASSES } from '../../src/transformers/cifar10/labels.js';

const MODEL = makeModel('cifar10-stand-in');
const GRAPH = onnxProto.onnx.ModelProto.decode(MODEL).graph ?? {};
const FOLDER = new URL('../../triton-models/cifar10/', import.meta.url);
const PLANE = 32 * 32;

/** The weights in the file, by name. */
function readWeights(): Map<string, Float32Array> {
  return new Map(
    GRAPH.initializer?.map(({ name, rawData }) => [
      name ?? '',
      new Float32Array(Uint8Array.from(rawData ?? new Uint8Array()).buffer),
    ]),
  );
}

/** A picture of a slope of each colour, -1..1. */
function slopes(red: number, green: number, blue: number): Float32Array {
  return Float32Array.from({ length: 3 * PLANE }, (_, i) => {
    const [x, y] = [i % 32, Math.floor((i % PLANE) / 32)];
    const steepness = [red, green, blue][Math.floor(i / PLANE)] ?? 0;
    return Math.sin((steepness * (x + 2 * y)) / 30);
  });
}

/** The network's layers in plain arithmetic: patches of 4 x 4, ReLU, means of 2 x 2 patches, one linear layer. */
function logitsOf(picture: Float32Array): number[] {
  const weights = readWeights();
  const at = (name: string, index: number) => weights.get(name)?.[index] ?? NaN;
  const patch = (filter: number, row: number, column: number) => {
    let sum = at('patch_bias', filter);
    for (let i = 0; i < 48; i++) {
      const [channel, y, x] = [Math.floor(i / 16), Math.floor((i % 16) / 4), i % 4];
      const pixel = picture[channel * PLANE + (row * 4 + y) * 32 + column * 4 + x] ?? NaN;
      sum += at('patch_weight', filter * 48 + i) * pixel;
    }
    return Math.max(0, sum);
  };
  const features = Array.from({ length: 256 }, (_, i) => {
    const [filter, row, column] = [Math.floor(i / 16), 2 * Math.floor((i % 16) / 4), 2 * (i % 4)];
    const square = [patch(filter, row, column), patch(filter, row, column + 1)];
    square.push(patch(filter, row + 1, column), patch(filter, row + 1, column + 1));
    return square.reduce((sum, value) => sum + value / 4, 0);
  });
  return Array.from({ length: 10 }, (_, label) =>
    features.reduce((sum, value, i) => sum + value * at('class_weight', label * 256 + i), at('class_bias', label)),
  );
}

async function run(pictures: readonly Float32Array[]): Promise<number[][]> {
  const session = await InferenceSession.create(MODEL);
  const input = new Float32Array(pictures.length * 3 * PLANE);
  pictures.forEach((picture, i) => input.set(picture, i * 3 * PLANE));
  const { OUTPUT__0: output } = await session.run({
    INPUT__0: new Tensor('float32', input, [pictures.length, 3, 32, 32]),
  });
  const logits = [...(output?.data as Float32Array)];
  return pictures.map((_, i) => logits.slice(10 * i, 10 * (i + 1)));
}

describe('the stand-in for a CIFAR-10 classifier', () => {
  it('computes its layers from its weights', async () => {
    const pictures = [slopes(1, 2, 3), slopes(-3, 0.5, 1), slopes(0, 0, 0)];
    const answers = await run(pictures);
    answers.forEach((logits, i) => {
      logitsOf(pictures[i] ?? new Float32Array()).forEach((expected, label) =>
        expect(logits[label]).toBeCloseTo(expected, 4),
      );
    });
  });

  it('names other classes for other pictures', async () => {
    const steepness = [-4, -2, -1, 1, 2, 4];
    const answers = await run(
      steepness.flatMap((red) => steepness.flatMap((green) => steepness.map((blue) => slopes(red, green, blue)))),
    );
    expect(new Set(answers.map((logits) => logits.indexOf(Math.max(...logits)))).size).toBeGreaterThan(2);
  });

  it('has the labels that the transformer knows', () => {
    expect(readFileSync(new URL('labels.txt', FOLDER), 'utf8').trimEnd().split('\n')).toEqual([...CIFAR10_CLASSES]);
  });
});
