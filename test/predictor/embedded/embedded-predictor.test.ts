import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ServiceError } from '../../../src/errors.js';
import type { InferRequest, Predictor } from '../../../src/predictor/predictor.js';
import { type AnyTensor, elementCount, float32Tensor } from '../../../src/tensor.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { FACE_MODELS, identityConfig, makeRepository, recordingLogger, startEmbedded } from './embedded-setup.js';

const DIST = fileURLToPath(new URL('../../../dist', import.meta.url));
const PROTOS = fileURLToPath(new URL('../../../protos', import.meta.url));

/** Numbers from 0 on, in a shape. */
function counting(shape: readonly number[]): AnyTensor {
  return float32Tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, i) => i),
  );
}

const call = (model: string, tensor: AnyTensor): InferRequest => ({ model, inputs: new Map([['input', tensor]]) });

/** Waits until something is so, at most ten seconds. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 10_000;
  while (performance.now() < endsAt && !(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('createEmbeddedPredictor()', () => {
  let predictor: Predictor | undefined;
  let folder: string | undefined;
  afterEach(async () => {
    await predictor?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
    predictor = folder = undefined;
  });

  it('leaves the caller its tensor, a part of a larger buffer included', async () => {
    predictor = await startEmbedded();
    const all = Float32Array.from({ length: 12 }, (_, i) => i);
    const part = float32Tensor([1, 4], all.subarray(4, 8));
    const { outputs } = await predictor.infer(call('identity', part));
    expect(outputs.get('output')?.data).toEqual(Float32Array.of(4, 5, 6, 7));
    expect(all).toEqual(Float32Array.from({ length: 12 }, (_, i) => i));
  });

  it('takes the memory of a tensor that is given away, where it is all of its buffer', async () => {
    predictor = await startEmbedded();
    const all = Float32Array.from({ length: 12 }, (_, i) => i);
    const part = float32Tensor([1, 4], all.subarray(4, 8));
    const whole = float32Tensor([1, 4], Float32Array.of(1, 2, 3, 4));
    for (const [tensor, expected] of [
      [part, [4, 5, 6, 7]],
      [whole, [1, 2, 3, 4]],
    ] as const) {
      const { outputs } = await predictor.infer({ ...call('identity', tensor), givesInputsAway: true });
      expect(outputs.get('output')?.data).toEqual(Float32Array.from(expected));
    }
    expect(all).toEqual(Float32Array.from({ length: 12 }, (_, i) => i));
    expect(whole.data).toHaveLength(0);
  });

  it('serves the highest version, or the one that the policy names', async () => {
    folder = makeRepository({
      latest: { config: identityConfig(), versions: { 2: Buffer.from('older'), 10: 'identity' } },
      chosen: {
        config: identityConfig('version_policy: { specific: { versions: [2] } }'),
        versions: { 2: 'identity', 10: Buffer.from('newer') },
      },
    });
    predictor = await startEmbedded({ repository: folder });
    for (const model of ['latest', 'chosen']) expect(await predictor.isModelReady(model)).toBe(true);
    expect((await predictor.modelInfo('latest')).versions).toEqual(['10']);
    expect((await predictor.modelInfo('chosen')).versions).toEqual(['2']);
    expect((await predictor.infer({ ...call('latest', counting([1, 4])), version: '10' })).version).toBe('10');
    const other = await serviceErrorOf(predictor.infer({ ...call('latest', counting([1, 4])), version: '2' }));
    expect(other).toMatchObject({
      code: 'upstream_error',
      message: "The predictor has no version 2 of model 'latest'",
      upstream: {
        status: 'NOT_FOUND',
        httpStatus: 404,
        text: "Request for unknown model: 'latest' version 2 is not found",
      },
    });
    expect(await predictor.isModelReady({ model: 'latest', version: '2' })).toBe(false);
  });

  it('says that there is no such model in the words and with the status of Triton', async () => {
    predictor = await startEmbedded();
    const error = await serviceErrorOf(predictor.infer(call('nobody', counting([1, 4]))));
    expect(error).toMatchObject({
      code: 'upstream_error',
      message: "The predictor has no model 'nobody'",
      upstream: { status: 'NOT_FOUND', httpStatus: 404, text: "Request for unknown model: 'nobody' is not found" },
    });
  });

  it('gives the model another shape than callers see, where the config asks for that', async () => {
    const tensor = (name: string) => `{ name: "${name}" data_type: TYPE_FP32 dims: [2, 2] reshape: { shape: [4] } }`;
    const config = `max_batch_size: 8 input: [${tensor('input')}] output: [${tensor('output')}]`;
    folder = makeRepository({ square: { config, versions: { 1: 'identity' } } });
    predictor = await startEmbedded({ repository: folder });
    expect((await predictor.modelInfo('square')).inputs[0]?.shape).toEqual([-1, 2, 2]);
    const { outputs } = await predictor.infer(call('square', counting([3, 2, 2])));
    expect(outputs.get('output')).toEqual(counting([3, 2, 2]));
  });

  it('takes the whole shape from the config of a model that does not batch', async () => {
    const tensor = (name: string) => `{ name: "${name}" data_type: TYPE_FP32 dims: [-1, 4] }`;
    const config = `input: [${tensor('input')}] output: [${tensor('output')}]`;
    folder = makeRepository({ whole: { config, versions: { 1: 'identity' } } });
    predictor = await startEmbedded({ repository: folder });
    expect(await predictor.modelInfo('whole')).toMatchObject({ maxBatchSize: 0, inputs: [{ shape: [-1, 4] }] });
    const { outputs } = await predictor.infer(call('whole', counting([20, 4])));
    expect(outputs.get('output')).toEqual(counting([20, 4]));
  });

  it('keeps the other models when one cannot be loaded, and logs why', async () => {
    const renamed = identityConfig().replace('"output"', '"result"');
    folder = makeRepository({
      good: { config: identityConfig(), versions: { 1: 'identity' } },
      absent: { config: identityConfig() },
      garbage: { config: identityConfig(), versions: { 1: Buffer.from('no model') } },
      renamed: { config: renamed, versions: { 1: 'identity' } },
      bare: { versions: { 1: 'identity' } },
    });
    const { lines, logger } = recordingLogger();
    predictor = await startEmbedded({ repository: folder, logger });
    const readiness = Object.fromEntries(
      await Promise.all(
        ['good', 'absent', 'garbage', 'renamed', 'bare'].map(
          async (model) => [model, await predictor?.isModelReady(model)] as const,
        ),
      ),
    );
    expect(readiness).toEqual({ good: true, absent: false, garbage: false, renamed: false, bare: false });
    const problems = lines.join('\n');
    expect(problems).toMatch(/info: A model is loaded {"model":"good","elapsedMs":\d+}/);
    expect(problems).toMatch(
      /warn: A model is not ready {"model":"absent","problem":"1\/model\.onnx is missing.*npm run models/,
    );
    expect(problems).toMatch(/"model":"garbage","problem":"Load model from .*garbage.1.model.onnx failed:Protobuf/);
    expect(problems).toContain(`"model":"renamed","problem":"The model has no output 'result', only output"`);
    expect(problems).toContain('"model":"bare","problem":"config.pbtxt is missing"');
    const error = await serviceErrorOf(predictor.infer(call('garbage', counting([1, 4]))));
    expect(error).toMatchObject({
      code: 'unavailable',
      message: 'Model garbage is not ready on the predictor',
      upstream: {
        status: 'UNAVAILABLE',
        httpStatus: 503,
        text: "Request for unknown model: 'garbage' is not at ready state",
      },
    });
  });

  it('loads a model when it is asked for first, once, and no other', async () => {
    folder = makeRepository({
      asked: { config: identityConfig(), versions: { 1: 'identity' } },
      called: { config: identityConfig(), versions: { 1: 'identity' } },
      described: { config: identityConfig(), versions: { 1: 'identity' } },
      other: { config: identityConfig(), versions: { 1: 'identity' } },
    });
    const { lines, logger } = recordingLogger();
    predictor = await startEmbedded({ repository: folder, logger });
    expect(lines).toEqual([]);
    await Promise.all([
      predictor.isModelReady('asked'),
      predictor.isModelReady('asked'),
      predictor.infer(call('called', counting([1, 4]))),
      predictor.infer(call('called', counting([1, 4]))),
      predictor.modelInfo('described'),
      predictor.modelInfo('described'),
    ]);
    const loaded = lines.map((line) => /^info: A model is loaded {"model":"(\w+)"/.exec(line)?.[1]);
    expect(loaded.sort()).toEqual(['asked', 'called', 'described']);
  });

  it('leaves a model of another backend to Triton, without calling it a fault', async () => {
    folder = makeRepository({
      good: { config: identityConfig(), versions: { 1: 'identity' } },
      script: { config: 'backend: "python" input: [{ name: "x" data_type: TYPE_STRING dims: [1] }]' },
    });
    const { lines, logger } = recordingLogger();
    predictor = await startEmbedded({ repository: folder, logger });
    expect(await predictor.isModelReady('script')).toBe(false);
    expect(lines).toEqual([
      'info: A model is left to Triton {"model":"script","problem":' +
        '"config.pbtxt asks for backend python, which the embedded runtime cannot do"}',
    ]);
    const error = await serviceErrorOf(predictor.infer(call('script', counting([1, 4]))));
    expect(error).toMatchObject({ code: 'unavailable', message: 'Model script is not ready on the predictor' });
  });

  it('passes on the first line of what the runtime says when it fails, and keeps all of it as the cause', async () => {
    const tensor = (name: string) => `{ name: "${name}" data_type: TYPE_FP32 dims: [3] }`;
    const config = `max_batch_size: 8 input: [${tensor('input')}] output: [${tensor('output')}]`;
    folder = makeRepository({ narrow: { config, versions: { 1: 'identity' } } });
    predictor = await startEmbedded({ repository: folder });
    const error = await serviceErrorOf(predictor.infer(call('narrow', counting([1, 3]))));
    expect(error.code).toBe('upstream_error');
    expect(error.message).toMatch(/^The embedded runtime failed: Got invalid dimensions for input: .*indices$/);
    expect(error.cause).toMatch(/Got: 3 Expected: 4/);
    expect(error.upstream).toEqual({ status: 'INTERNAL', httpStatus: 500, text: error.cause });
  });

  it('ends a call at its time limit', async () => {
    predictor = await startEmbedded({ repository: FACE_MODELS, requestTimeoutMs: 5 });
    expect(await predictor.isModelReady('face_pose')).toBe(true);
    const error = await serviceErrorOf(predictor.infer(call('face_pose', counting([16, 3, 224, 224]))));
    expect(error).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The call to model face_pose took longer than its limit of 5 ms',
    });
  });

  it('fails the calls of a worker that dies, and starts another', async () => {
    const workerEntry = new URL('./fragile-worker.mjs', import.meta.url);
    const { lines, logger } = recordingLogger();
    predictor = await startEmbedded({ workerEntry, logger });
    const [first, second] = await Promise.all([
      serviceErrorOf(predictor.infer(call('fragile', counting([1, 4])))),
      serviceErrorOf(predictor.infer(call('fragile', counting([1, 4])))),
    ]);
    const wentAway = { code: 'unavailable', message: 'The predictor went away while it worked on the call' };
    expect(first).toMatchObject(wentAway);
    expect(second).toMatchObject(wentAway);
    expect(first.cause).toMatchObject({ message: 'out of luck' });
    expect(await predictor.isServerReady()).toBe(false);
    expect(await serviceErrorOf(predictor.infer(call('fragile', counting([1, 4]))))).toMatchObject({
      code: 'unavailable',
      message: 'The predictor stopped and is being started again',
    });
    const restarted = predictor;
    await until(() => restarted.isServerReady());
    expect(await predictor.isModelReady('fragile')).toBe(true);
    expect(lines.filter((line) => line.startsWith('error: The embedded predictor stopped'))).toHaveLength(1);
  });

  it('says of a thread that dies while it loads a model that it went away, and nothing against the model', async () => {
    const { lines, logger } = recordingLogger();
    predictor = await startEmbedded({ workerEntry: new URL('./fragile-worker.mjs', import.meta.url), logger });
    const wentAway = { code: 'unavailable', message: 'The predictor went away while it worked on the call' };
    const [asked, called, described] = await Promise.all([
      predictor.isModelReady('broken'),
      serviceErrorOf(predictor.infer(call('broken', counting([1, 4])))),
      serviceErrorOf(predictor.modelInfo('broken')),
    ]);
    expect(asked).toBe(false);
    expect(called).toMatchObject(wentAway);
    expect(described).toMatchObject(wentAway);
    const restarted = predictor;
    await until(() => restarted.isServerReady());
    expect(await serviceErrorOf(predictor.modelInfo('broken'))).toMatchObject(wentAway);
    expect(lines.filter((line) => !line.startsWith('error: The embedded predictor stopped'))).toEqual([]);
  });

  it('goes on loading for others when one who asked waits no longer', async () => {
    predictor = await startEmbedded({ repository: FACE_MODELS });
    const controller = new AbortController();
    const given = serviceErrorOf(predictor.isModelReady('face_pose', { signal: controller.signal }));
    const other = predictor.isModelReady('face_pose');
    const reason = new ServiceError('deadline_exceeded', 'too late');
    controller.abort(reason);
    expect(await given).toBe(reason);
    expect(await other).toBe(true);
  });

  it('closes while it loads a model', async () => {
    predictor = await startEmbedded({ repository: FACE_MODELS });
    const described = serviceErrorOf(predictor.modelInfo('face_pose'));
    await predictor.close();
    expect(await described).toMatchObject({ code: 'unavailable', message: 'The predictor is closed' });
  });

  it('closes while it is being started again', async () => {
    predictor = await startEmbedded({ workerEntry: new URL('./fragile-worker.mjs', import.meta.url) });
    await serviceErrorOf(predictor.infer(call('fragile', counting([1, 4]))));
    await predictor.close();
    expect(await serviceErrorOf(predictor.modelInfo('fragile'))).toMatchObject({ message: 'The predictor is closed' });
  });

  it('says so when the repository cannot be read', async () => {
    const error = await serviceErrorOf(startEmbedded({ repository: '/nowhere/models' }));
    expect(error).toMatchObject({
      code: 'unavailable',
      message: 'The model repository /nowhere/models cannot be read',
    });
  });

  it('says so when the build has no runtime', async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'bare-build-'));
    mkdirSync(path.join(folder, 'dist'));
    for (const part of ['errors.js', 'tensor.js', 'predictor'])
      cpSync(path.join(DIST, part), path.join(folder, 'dist', part), { recursive: true });
    cpSync(PROTOS, path.join(folder, 'protos'), { recursive: true });
    const bare = path.join(folder, 'dist/predictor/embedded/worker-entry.js');
    cpSync(path.join(DIST, '../package.json'), path.join(folder, 'package.json'));
    const error = await serviceErrorOf(startEmbedded({ workerEntry: pathToFileURL(bare) }));
    expect(error.code).toBe('unavailable');
    expect(error.message).toMatch(
      /^This build has no embedded runtime \(npm packages onnxruntime-node and protobufjs\): .*Cannot find package 'onnxruntime-node'/,
    );
  });
});
