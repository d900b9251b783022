import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { MODELS, SOURCE_PACKAGE } from '../../scripts/models/catalogue.mjs';
import { extractFiles } from '../../scripts/models/extract.mjs';
import { fetchTarball } from '../../scripts/models/tarball.mjs';
import { createConfigParser } from '../../src/predictor/embedded/model-config.js';
import { elementCount } from '../../src/tensor.js';
import { CIFAR10_CLASSES } from '../../src/transformers/cifar10/labels.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const REPOSITORY = path.join(PROJECT, 'triton-models');

/** The models that the project trained itself; their files are in git. */
const TRAINED_MODELS = ['cifar10'];

const read = (...parts: string[]) => readFileSync(path.join(REPOSITORY, ...parts));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const parseConfig = createConfigParser();

/** Values -1..1 that look random, the same each time (numerical recipes' linear congruential generator). */
function noise(shape: readonly number[], seed: number): Tensor {
  let state = seed;
  const values = Float32Array.from({ length: elementCount(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return new Tensor('float32', values, [...shape]);
}

/** The greatest difference between two lists of numbers of the same length. */
function difference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}

/** Runs a model, and gives the values of each output in the order of its list. */
async function run(session: InferenceSession, input: Tensor): Promise<Float32Array[]> {
  const results = await session.run({ [session.inputNames[0] ?? '']: input });
  return session.outputNames.map((name) => results[name]?.data as Float32Array);
}

describe('triton-models/', () => {
  describe.each([...MODELS.map((model) => model.name), ...TRAINED_MODELS])('%s', (name) => {
    let session: InferenceSession;
    beforeAll(async () => {
      session = await InferenceSession.create(read(name, '1/model.onnx'));
    });

    const { spec } = parseConfig(read(name, 'config.pbtxt').toString(), name);
    const dims = spec.inputs[0]?.dims ?? [];

    it('has the inputs and outputs of its config.pbtxt', () => {
      const described = (tensors: typeof spec.inputs) =>
        tensors.map((tensor) => ({ name: tensor.name, shape: ['batch', ...tensor.dims] }));
      const found = (metadata: readonly InferenceSession.ValueMetadata[]) =>
        metadata.map((value) => ({ name: value.name, shape: value.isTensor ? value.shape : [] }));
      expect(found(session.inputMetadata)).toEqual(described(spec.inputs));
      expect(found(session.outputMetadata)).toEqual(described(spec.outputs));
      expect(spec.maxBatchSize).toBeGreaterThan(0);
    });

    it('answers a batch of three as three single calls', async () => {
      const batch = noise([3, ...dims], 7);
      const together = await run(session, batch);
      const size = elementCount(dims);
      for (let i = 0; i < 3; i++) {
        const single = new Tensor('float32', (batch.data as Float32Array).slice(i * size, (i + 1) * size), [
          1,
          ...dims,
        ]);
        for (const [output, values] of (await run(session, single)).entries()) {
          const part = together[output]?.subarray(i * values.length, (i + 1) * values.length) ?? new Float32Array();
          expect(difference(part, values)).toBeLessThan(1e-5);
        }
      }
    });

    it('is listed with its checksums in the README', () => {
      const readme = read('README.md').toString();
      expect(readme).toContain(`\`${sha256(read(name, '1/model.onnx'))}\``);
      const built = MODELS.find((model) => model.name === name);
      if (built !== undefined) expect(readme).toContain(`\`${built.sha256}\``);
    });
  });
});

describe('the trained models of triton-models/', () => {
  it.each(TRAINED_MODELS)('%s is smaller than 2 MB', (name) => {
    expect(statSync(path.join(REPOSITORY, name, '1/model.onnx')).size).toBeLessThan(2e6);
  });

  it('cifar10 has the labels that the transformer knows, and so has its TorchScript', () => {
    for (const name of ['cifar10', 'cifar10_torchscript']) {
      expect(read(name, 'labels.txt').toString().trimEnd().split('\n')).toEqual([...CIFAR10_CLASSES]);
    }
  });

  it('cifar10 as TorchScript is listed with its checksum, and has the config of its ONNX', () => {
    const script = read('cifar10_torchscript', '1/model.pt');
    expect(script.length).toBeLessThan(2e6);
    expect(read('README.md').toString()).toContain(`\`${sha256(script)}\``);
    const described = (name: string) =>
      read(name, 'config.pbtxt')
        .toString()
        .replace(/^(#|name:|backend:|platform:).*\n/gm, '');
    expect(described('cifar10_torchscript')).toBe(described('cifar10'));
  });
});

describe('the edited models of triton-models/', () => {
  let originals: Map<string, Buffer>;
  beforeAll(async () => {
    const cache = path.join(PROJECT, '.cache/models');
    const tarball = await fetchTarball({
      source: SOURCE_PACKAGE,
      cache,
      project: PROJECT,
      env: process.env,
      log: () => undefined,
    });
    originals = await extractFiles(tarball, new Map(MODELS.map(({ file, sha256 }) => [file, sha256])));
  });

  it.each(MODELS.filter(({ name }) => name !== 'face_quality').map((model) => [model.name, model] as const))(
    '%s answers one item as its original does',
    async (name, { file }) => {
      const edited = await InferenceSession.create(read(name, '1/model.onnx'));
      const original = await InferenceSession.create(originals.get(file) ?? Buffer.alloc(0), { logSeverityLevel: 3 });
      const shape = original.inputMetadata[0]?.isTensor === true ? original.inputMetadata[0].shape.map(Number) : [];
      const input = noise(shape, 11);
      const [expected, received] = [await run(original, input), await run(edited, input)];
      expect(edited.outputNames).toEqual(original.outputNames);
      for (const [i, values] of expected.entries()) {
        expect(difference(received[i] ?? new Float32Array(), values)).toBeLessThan(1e-6);
      }
    },
  );

  it('face_quality scores by the length of the embedding, within 0..1', async () => {
    const [embedding, quality] = await Promise.all(
      ['face_embedding', 'face_quality'].map((name) => InferenceSession.create(read(name, '1/model.onnx'))),
    );
    if (embedding === undefined || quality === undefined) throw new Error('a model is missing');
    const extremes = [0, 1, -1, 100, -100].map(
      (value) => new Tensor('float32', new Float32Array(3 * 112 * 112).fill(value), [1, 3, 112, 112]),
    );
    for (const input of [...extremes, noise([1, 3, 112, 112], 3)]) {
      const [vector] = await run(embedding, input);
      const [score] = await run(quality, input);
      const length = Math.hypot(...(vector ?? []));
      expect(score?.[0]).toBeCloseTo(1 / (1 + Math.exp((2.151 - length) / 1.03)), 4);
      expect(score?.[0]).toBeGreaterThanOrEqual(0);
      expect(score?.[0]).toBeLessThanOrEqual(1);
    }
  });
});
